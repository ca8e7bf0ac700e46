/// The name nearest to what was written, for "did you mean": `nil` rather than a wild guess.
///
/// The distance allowed grows with the length of the word: one edit up to four letters, then a third of its length. Of
/// several names within it, one that only goes on where the word ends comes first.
public func nearestName(to written: String, among names: some Sequence<String>) -> String? {
  let folded = written.comparisonKey
  let limit = max(1, folded.count / 3)
  let letters = LetterSet(written)
  var best: (name: String, distance: Int)?
  for name in names where folded.hasLength(of: name, within: limit) && letters.isNear(LetterSet(name), within: limit) {
    let key = name.comparisonKey
    var distance = editDistance(folded, key, limit: limit)
    guard distance <= limit else { continue }
    if folded.count >= 4, key.starts(with: folded) { distance = min(distance, 1) }
    if let current = best, (current.distance, current.name.count, current.name) <= (distance, name.count, name) {
      continue
    }
    best = (name, distance)
  }
  return best?.name
}

/// The one name that a slip of the keyboard could have made of what was written; `nil` where several could, or none.
///
/// At most two edits, in a word of at least three times as many letters, and no other name as near: `adam_beta3` may be
/// `adam_beta1` or `adam_beta2`, and `global_batch_size_old` is not `global_batch_size`.
public func typo(_ written: String, among names: some Sequence<String>) -> String? {
  let folded = written.comparisonKey
  let limit = min(2, folded.count / 3)
  guard limit > 0 else { return nil }
  let letters = LetterSet(written)
  var nearest: [String] = []
  var distance = limit
  for name in names
  where folded.hasLength(of: name, within: distance) && letters.isNear(LetterSet(name), within: distance) {
    let found = editDistance(folded, name.comparisonKey, limit: distance)
    guard found <= distance else { continue }
    if found < distance { nearest = [] }
    distance = found
    if !nearest.contains(name) { nearest.append(name) }
  }
  return nearest.count == 1 ? nearest[0] : nil
}

extension String {
  /// Lower case, with dashes, dots and blanks read as underscores, since people mix them up.
  fileprivate var comparisonKey: [UInt8] { utf8.map(\.folded) }
}

extension UInt8 {
  fileprivate var folded: UInt8 {
    switch self {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): self | 0x20
    case UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: "."): UInt8(ascii: "_")
    default: self
    }
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

extension [UInt8] {
  /// Whether a name is so nearly as long: no other can be as near, and most need not be looked at.
  fileprivate func hasLength(of name: String, within limit: Int) -> Bool { abs(count - name.utf8.count) <= limit }
}

/// Damerau-Levenshtein distance (adjacent swaps count one); anything over `limit` is `limit + 1`.
func editDistance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int {
  guard abs(left.count - right.count) <= limit else { return limit + 1 }
  guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
  let width = right.count + 1
  return withUnsafeTemporaryAllocation(of: Int.self, capacity: 3 * width) { rows in
    // Where in the buffer the rows of the table stand that a row follows from, and its own.
    var (beforeLast, last, current) = (0, width, 2 * width)
    for column in 0..<width { (rows[beforeLast + column], rows[last + column]) = (0, column) }
    for row in 1...left.count {
      rows[current] = row
      var smallest = row
      for column in 1..<width {
        let substitution = rows[last + column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
        var distance = min(rows[last + column] + 1, rows[current + column - 1] + 1, substitution)
        if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
          distance = min(distance, rows[beforeLast + column - 2] + 1)
        }
        rows[current + column] = distance
        smallest = min(smallest, distance)
      }
      if smallest > limit { return limit + 1 }
      (beforeLast, last, current) = (last, current, beforeLast)
    }
    return min(rows[last + right.count], limit + 1)
  }
}
