import ConfigDocument
import Diagnostics
import LaunchModel

/// The entry of a document that a cursor is on.
struct CursorPlace {
  /// From the root to the entry.
  let keys: [String]
  let entry: Node.Entry
  /// The scalar under the cursor: the entry's value, or an item of it.
  let scalar: Node?

  /// - Returns: `nil` between entries.
  init?(_ offset: Int, in root: Node?) {
    guard var node = root else { return nil }
    var keys: [String] = []
    var last: Node.Entry?
    var scalar: Node?
    descent: while true {
      switch node.content {
      case .mapping(let entries):
        guard let entry = entries.first(where: { $0.holds(offset) }) else { break descent }
        keys.append(entry.key)
        last = entry
        node = entry.value
        if entry.keyRange.holds(offset) { break descent }
      case .sequence(let items):
        guard let item = items.first(where: { $0.range.holds(offset) }) else { break descent }
        node = item
      case .scalar:
        scalar = node
        break descent
      }
    }
    guard let last else { return nil }
    self.keys = keys
    entry = last
    self.scalar = scalar
  }

  /// The field or section, and how many of the keys lead to it.
  func path(in spelling: any Spelling) -> FieldPath? {
    for count in stride(from: keys.count, to: 0, by: -1) {
      if let path = spelling.path(ofKeys: Array(keys.prefix(count))) { return path }
    }
    return nil
  }
}

extension Node.Entry {
  /// Whether an offset is on the key, on the value, or between them.
  fileprivate func holds(_ offset: Int) -> Bool {
    if keyRange.holds(offset) || value.range.holds(offset) { return true }
    return keyRange.end <= offset && offset < value.range.start
  }
}

extension SourceRange {
  /// The end counts: there a cursor stands behind the last character.
  func holds(_ offset: Int) -> Bool { start <= offset && offset <= end }
}
