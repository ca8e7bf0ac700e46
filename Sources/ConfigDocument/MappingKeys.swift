import Diagnostics

/// The entries of a mapping while it is read: finds duplicate keys in constant time once there are many.
struct MappingKeys {
  private(set) var entries: [Node.Entry] = []
  /// Keys that stand in the text and have no entry.
  private var refused: [(text: String, range: SourceRange)] = []
  /// Where each key stands; filled once there are many.
  private var index: [String: SourceRange] = [:]
  private var mergeRange: SourceRange?
  private static let many = 256

  init() {
    // As many as a section mostly has.
    entries.reserveCapacity(16)
  }

  /// Where a key stands already. A merge key is none with the text `<<`.
  func range(of text: String, isMerge: Bool = false) -> SourceRange? {
    if isMerge { return mergeRange }
    if !index.isEmpty { return index[text] }
    // Most keys differ in their length, so that few need be compared.
    let length = text.utf8.count
    for place in entries.indices where entries[place].key.utf8.count == length && entries[place].key == text {
      return entries[place].keyRange
    }
    return refused.first { $0.text == text }?.range
  }

  mutating func append(_ entry: consuming Node.Entry) {
    note(entry.key, entry.keyRange)
    entries.append(entry)
  }

  /// Notes a key whose value is of no use.
  mutating func refuse(_ text: String, _ range: SourceRange) {
    refused.append((text, range))
    note(text, range)
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
}
