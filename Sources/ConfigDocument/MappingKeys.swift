import Diagnostics

/// The entries of a mapping while it is read: finds duplicate keys in constant time once there are many.
struct MappingKeys {
  private(set) var entries: [Node.Entry] = []
  /// Keys that stand in the text and have no entry.
  private var refused: [(text: String, range: SourceRange)] = []
  /// Where each key stands; filled once there are many.
  private var index: [String: SourceRange] = [:]
  private var mergeRange: SourceRange?
  private static let many = 32

  /// Where a key stands already. A merge key is none with the text `<<`.
  func range(of text: String, isMerge: Bool = false) -> SourceRange? {
    if isMerge { return mergeRange }
    if !index.isEmpty { return index[text] }
    return entries.first { $0.key == text }?.keyRange ?? refused.first { $0.text == text }?.range
  }

  mutating func append(_ entry: Node.Entry) {
    entries.append(entry)
    note(entry.key, entry.keyRange)
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
    }
  }
}
