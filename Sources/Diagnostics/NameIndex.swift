/// Names that what was written is compared with, made ready once: a file with one unknown name mostly has more of them.
public struct NameIndex: Sendable {
  private let names: [String]
  /// The comparison keys of all names, one behind the other.
  private let keys: [UInt8]
  /// Where each name's key ends.
  private let ends: [Int]
  private let letters: [LetterSet]

  public init(_ names: some Sequence<String>) {
    let names = Array(names)
    var keys: [UInt8] = []
    keys.reserveCapacity(names.reduce(0) { $0 + $1.utf8.count })
    self.names = names
    ends = names.map { name in
      for byte in name.utf8 { keys.append(byte.folded) }
      return keys.count
    }
    letters = names.map { LetterSet($0) }
    self.keys = keys
  }

  /// The name nearest to what was written, for "did you mean": `nil` rather than a wild guess.
  ///
  /// The distance allowed grows with the length of the word: one edit up to four letters, then a third of its length. Of
  /// several names within it, one that only goes on where the word ends comes first.
  public func nearest(to written: String) -> String? {
    let word = WrittenWord(written)
    let limit = max(1, word.length / 3)
    var best: (name: String, distance: Int)?
    forEach(near: word, within: limit) { index, key in
      var distance = word.distance(to: key)
      guard distance <= limit else { return limit }
      if word.length >= 4, word.begins(key) { distance = min(distance, 1) }
      let name = names[index]
      if let best, (best.distance, best.name.count, best.name) <= (distance, name.count, name) { return limit }
      best = (name, distance)
      return limit
    }
    return best?.name
  }

  /// The one name that a slip of the keyboard could have made of what was written; `nil` where several could, or none.
  ///
  /// At most two edits, in a word of at least three times as many letters, and no other name as near: `adam_beta3` may be
  /// `adam_beta1` or `adam_beta2`, and `global_batch_size_old` is not `global_batch_size`.
  public func typo(_ written: String) -> String? {
    let word = WrittenWord(written)
    var distance = min(2, word.length / 3)
    guard distance > 0 else { return nil }
    var nearest: [String] = []
    forEach(near: word, within: distance) { index, key in
      let found = word.distance(to: key)
      guard found <= distance else { return distance }
      if found < distance { nearest = [] }
      distance = found
      if !nearest.contains(names[index]) { nearest.append(names[index]) }
      return distance
    }
    return nearest.count == 1 ? nearest[0] : nil
  }

  /// The names that may be within so many edits, with their keys; most are further away in their length or their letters.
  ///
  /// - Parameter look: returns how many edits there may be from then on.
  private func forEach(
    near word: WrittenWord, within limit: Int, _ look: (Int, Slice<UnsafeBufferPointer<UInt8>>) -> Int
  ) {
    var limit = limit
    keys.withUnsafeBufferPointer { keys in
      var start = 0
      for (index, end) in ends.enumerated() {
        if abs(word.length - (end - start)) <= limit, word.letters.isNear(letters[index], within: limit) {
          limit = look(index, keys[start..<end])
        }
        start = end
      }
    }
  }
}

/// ``NameIndex/nearest(to:)`` of names that are asked for once.
public func nearestName(to written: String, among names: some Sequence<String>) -> String? {
  NameIndex(names).nearest(to: written)
}

/// ``NameIndex/typo(_:)`` of names that are asked for once.
public func typo(_ written: String, among names: some Sequence<String>) -> String? {
  NameIndex(names).typo(written)
}

extension UInt8 {
  /// Lower case, with dashes, dots and blanks read as underscores, since people mix them up.
  fileprivate var folded: UInt8 {
    switch self {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): self | 0x20
    case UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: "."): UInt8(ascii: "_")
    default: self
    }
  }
}

/// What was written, as names are compared with it.
private struct WrittenWord {
  let letters: LetterSet
  private let key: [UInt8]
  /// `nil` for a word that is too long for it.
  private let edits: EditDistance?

  init(_ written: String) {
    letters = LetterSet(written)
    key = written.utf8.map(\.folded)
    edits = EditDistance(key)
  }

  /// In bytes.
  var length: Int { key.count }

  /// Whether a name goes on where the word ends.
  func begins(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool { name.starts(with: key) }

  func distance(to name: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    edits?.to(name) ?? editDistance(key, name)
  }
}

/// Which letters a name has, several of them to a bit. An edit brings or takes at most one, so that two names whose sets
/// differ in more are further apart than so many edits, which is seen without comparing them letter by letter.
private struct LetterSet {
  private var bits: UInt64 = 0

  init(_ name: String) {
    for byte in name.utf8 { bits |= 1 << UInt64(byte.folded & 63) }
  }

  func isNear(_ other: LetterSet, within limit: Int) -> Bool {
    max((bits & ~other.bits).nonzeroBitCount, (other.bits & ~bits).nonzeroBitCount) <= limit
  }
}
