import Diagnostics

/// The entries of a mapping while it is read: finds duplicate keys in constant time once there are many.
struct MappingKeys {
  private(set) var entries: [Node.Entry] = []
  /// What each entry's key comes to: most keys differ in it, so that few need be compared.
  private var sums: [UInt32] = []
  /// Keys that stand in the text and have no entry.
  private var refused: [(text: String, range: SourceRange)] = []
  /// Where each key stands; filled once there are many.
  private var index: [String: SourceRange] = [:]
  private var mergeRange: SourceRange?
  private static let many = 256

  /// - Parameter room: for so many entries.
  init(room: Int = 0) {
    entries.reserveCapacity(room)
    sums.reserveCapacity(room)
  }

  /// Where a key stands already. A merge key is none with the text `<<`.
  func range(of text: String, isMerge: Bool = false) -> SourceRange? {
    if isMerge { return mergeRange }
    if !index.isEmpty { return index[text] }
    let sum = Self.sum(of: text)
    for place in sums.indices where sums[place] == sum && entries[place].key == text { return entries[place].keyRange }
    return refused.first { $0.text == text }?.range
  }

  mutating func append(_ entry: Node.Entry) {
    sums.append(Self.sum(of: entry.key))
    note(entry.key, entry.keyRange)
    entries.append(entry)
  }

  /// Notes a key whose value is of no use.
  mutating func refuse(_ text: String, _ range: SourceRange) {
    refused.append((text, range))
    note(text, range)
  }

  /// The entries, in an array of just their size; what is left is ready for another mapping, with the room it has.
  mutating func takeEntries() -> [Node.Entry] {
    let taken = entries.map { $0 }
    entries.removeAll(keepingCapacity: true)
    sums.removeAll(keepingCapacity: true)
    if !refused.isEmpty { refused = [] }
    if !index.isEmpty { index = [:] }
    mergeRange = nil
    return taken
  }

  mutating func noteMerge(_ range: SourceRange) { mergeRange = range }

  private mutating func note(_ text: String, _ range: SourceRange) {
    if !index.isEmpty {
      index[text] = range
    } else if entries.count + refused.count > Self.many {
      for entry in entries { index[entry.key] = entry.keyRange }
      for key in refused { index[key.text] = key.range }
      index[text] = range
    }
  }

  /// FNV-1a.
  private static func sum(of text: String) -> UInt32 {
    var text = text
    return text.withUTF8 { bytes in
      var sum: UInt32 = 2_166_136_261
      for byte in bytes { sum = (sum ^ UInt32(byte)) &* 16_777_619 }
      return sum
    }
  }
}
