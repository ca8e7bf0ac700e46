import Diagnostics

/// The keys of a mapping while it is read: finds duplicates in constant time once there are many.
struct MappingKeys {
  var entries: [Node.Entry] = []
  private var seen: [(text: String, range: SourceRange)] = []
  private var index: [String: Int] = [:]
  private var mergeRange: SourceRange?

  /// Where a key stands already. A merge key is none with the text `<<`.
  func range(of text: String, isMerge: Bool = false) -> SourceRange? {
    if isMerge { return mergeRange }
    if seen.count > 32 { return index[text].map { seen[$0].range } }
    return seen.first { $0.text == text }?.range
  }

  mutating func note(_ text: String, _ range: SourceRange, isMerge: Bool = false) {
    if isMerge {
      mergeRange = range
      return
    }
    seen.append((text, range))
    if seen.count == 33 {
      for (position, key) in seen.enumerated() { index[key.text] = position }
    } else if seen.count > 33 {
      index[text] = seen.count - 1
    }
  }
}
