import Diagnostics

/// Adding an entry to a mapping.
extension EditDraft {
  func insert(_ path: [String], _ value: ConfigValue) throws(EditError) -> [TextEdit] {
    // The last mapping on the path that exists.
    var depth = 0
    var container = root
    while depth < path.count - 1, let next = self.place(Array(path.prefix(depth + 1)))?.node {
      container = next
      depth += 1
    }
    let rest = Array(path.dropFirst(depth))
    if container.entries != nil { return try insertEntry(rest, value, into: container) }
    guard let place = place(Array(path.prefix(depth))), let entry = place.entry else { throw .unsupported }
    return try fill(entry, in: place, rest, value)
  }

  func insertEntry(_ path: [String], _ value: ConfigValue, into mapping: Node) throws(EditError) -> [TextEdit] {
    guard let key = path.first else { throw .unsupported }
    let inner = path.dropFirst().reversed().reduce(value) { .mapping(ConfigMapping([ConfigMapping.Entry($1, $0)])) }
    if isFlow(mapping) { return insertFlow(try entryText(key, inner), into: mapping) }
    guard !isJSON, mapping.entries?.isEmpty == false else { throw .unsupported }
    let column = column(mapping.range.start)
    let isSection = path.count > 1 && mapping.range == root.range
    let text = (isSection ? lineEnd : "") + blockText(path, value, indent: column)
    let end = lineEndBehind(mapping.range.end, of: mapping)
    return [TextEdit(SourceRange(end, end), text)]
  }

  /// Lines for a path of keys and the value at its end, each after a line end.
  private func blockText(_ path: [String], _ value: ConfigValue, indent: Int) -> String {
    var text = ""
    for (level, key) in path.enumerated() {
      let isLast = level == path.count - 1
      text += lineEnd + String(repeating: " ", count: indent + 2 * level)
      text += isLast ? FlowText.entry(key, value) : yamlString(key) + ":"
    }
    return text
  }

  /// Makes a mapping of an empty value.
  private func fill(
    _ entry: Node.Entry, in place: Place, _ path: [String], _ value: ConfigValue
  ) throws(EditError) -> [TextEdit] {
    let mapping = path.reversed().reduce(value) { .mapping(ConfigMapping([ConfigMapping.Entry($1, $0)])) }
    let range = textRange(of: entry)
    guard !isJSON, !isFlow(place.parent) else {
      let whole = try entryText(entry.key, mapping)
      return [TextEdit(SourceRange(entry.keyRange.start, range.end), whole)]
    }
    let end = bytes.lineEnd(range.end)
    let lines = blockText(path, value, indent: column(place.parent.range.start) + 2)
    let insertion = TextEdit(SourceRange(end, end), lines)
    guard range.start < range.end else { return [insertion] }
    // An explicit null goes; what stands behind it, a comment, stays.
    let behindColon = self.behindColon(entry)
    return range.end == end
      ? [TextEdit(SourceRange(behindColon, end), lines)]
      : [TextEdit(SourceRange(behindColon, range.end), ""), insertion]
  }

  private func insertFlow(_ text: String, into mapping: Node) -> [TextEdit] {
    let own = (mapping.entries ?? []).filter { mapping.range.contains($0.keyRange) }
    guard let last = own.max(by: { $0.keyRange.start < $1.keyRange.start }) else {
      return [TextEdit(SourceRange(mapping.range.start + 1, mapping.range.start + 1), text)]
    }
    let end = textRange(of: last).end
    let lineStart = bytes.lineStart(last.keyRange.start)
    let isOnItsOwnLine = bytes.skipBlanks(lineStart) == last.keyRange.start
    var behind = bytes.skipBlanks(end)
    let hasComma = bytes[behind] == UInt8(ascii: ",")
    if hasComma { behind = bytes.skipBlanks(behind + 1) }
    let lineEndOffset = bytes.lineEnd(end)
    guard isOnItsOwnLine, behind == lineEndOffset || bytes[behind] == UInt8(ascii: "#") else {
      return [TextEdit(SourceRange(end, end), ", " + text)]
    }
    let line = lineEnd + bytes.text(lineStart, last.keyRange.start) + text
    if hasComma { return [TextEdit(SourceRange(lineEndOffset, lineEndOffset), line)] }
    if end == lineEndOffset { return [TextEdit(SourceRange(end, end), "," + line)] }
    return [
      TextEdit(SourceRange(end, end), ","), TextEdit(SourceRange(lineEndOffset, lineEndOffset), line),
    ]
  }

  /// The end of the line that a block mapping ends on; behind a text block that keeps its blank lines (`|+`), the end
  /// of the last of those.
  private func lineEndBehind(_ offset: Int, of mapping: Node) -> Int {
    var end = bytes.lineEnd(offset)
    guard mapping.endsWithKeptLines(bytes) else { return end }
    while end < bytes.count {
      let next = bytes.behindLineBreak(end)
      guard next < bytes.count, bytes.skipBlanks(next) == bytes.lineEnd(next) else { break }
      end = bytes.lineEnd(next)
    }
    return end
  }
}

extension Node {
  /// Whether the last scalar is a text block whose header asks to keep blank lines.
  fileprivate func endsWithKeptLines(_ bytes: TextBytes) -> Bool {
    switch content {
    case .mapping(let entries): return entries.last?.value.endsWithKeptLines(bytes) ?? false
    case .sequence(let items): return items.last?.endsWithKeptLines(bytes) ?? false
    case .scalar:
      let first = bytes[range.start]
      guard first == UInt8(ascii: "|") || first == UInt8(ascii: ">") else { return false }
      return bytes[range.start + 1] == UInt8(ascii: "+") || bytes[range.start + 2] == UInt8(ascii: "+")
    }
  }
}
