import Diagnostics

/// Removing an entry of a mapping.
extension EditDraft {
  func remove(_ path: [String]) throws(EditError) -> [TextEdit] {
    guard let place = place(path) else { throw .noSuchPath }
    guard let entry = place.entry else { throw .unsupported }
    guard !place.isMerged else { throw .shared }
    if isFlow(place.parent) { return removeFlow(entry, from: place.parent) }
    let parentEntry = self.place(Array(path.dropLast()))?.entry
    return removeBlock(entry, from: place.parent, parentEntry)
  }

  private func removeBlock(_ entry: Node.Entry, from mapping: Node, _ parent: Node.Entry?) -> [TextEdit] {
    let end = textRange(of: entry).end
    let start = startOfText(entry, in: mapping)
    let isOnly = start == mapping.range.start && end >= mapping.range.end
    let lineStart = bytes.lineStart(start)
    let isFirstOnLine = bytes.skipBlanks(lineStart) == start
    let lines = SourceRange(lineStart, bytes.behindLineBreak(bytes.lineEnd(end)))
    guard isOnly else {
      if isFirstOnLine { return [TextEdit(lines, "")] }
      // `- a: 1` with more keys below: the next one moves up.
      let next = (mapping.entries ?? []).map(\.keyRange.start).filter { $0 > start && $0 < mapping.range.end }.min()
      return [TextEdit(SourceRange(start, next ?? end), "")]
    }
    guard let parent, isFirstOnLine else { return [TextEdit(SourceRange(start, end), "{}")] }
    // Behind the key, before its comment if it has one.
    var place = behindColon(parent)
    let property = bytes.skipBlanks(place)
    if bytes[property] == UInt8(ascii: "&") || bytes[property] == UInt8(ascii: "!") {
      place = property
      while place < bytes.count, !bytes.isBlank(place), !bytes.isLineBreak(place) { place += 1 }
    }
    return [TextEdit(SourceRange(place, place), " {}"), TextEdit(lines, "")]
  }

  /// Where an entry begins: at its key, or at the `?`, anchor or tag before it.
  private func startOfText(_ entry: Node.Entry, in mapping: Node) -> Int {
    let first = (mapping.entries ?? []).filter { mapping.range.contains($0.keyRange) }.map(\.keyRange.start).min()
    if first == entry.keyRange.start { return mapping.range.start }
    let indented = bytes.skipBlanks(bytes.lineStart(entry.keyRange.start))
    switch bytes[indented] {
    case UInt8(ascii: "?"), UInt8(ascii: "&"), UInt8(ascii: "!"): return indented
    default: return entry.keyRange.start
    }
  }

  private func removeFlow(_ entry: Node.Entry, from mapping: Node) -> [TextEdit] {
    let own = (mapping.entries ?? []).filter { mapping.range.contains($0.keyRange) }
    let start = entry.keyRange.start
    let end = textRange(of: entry).end
    let comma = bytes.skipVoid(end)
    let lineStart = bytes.lineStart(start)
    let isFirstOnLine = bytes.skipBlanks(lineStart) == start
    if bytes[comma] == UInt8(ascii: ",") {
      let behind = bytes.skipBlanks(comma + 1)
      guard isFirstOnLine, isEndOfLine(behind) else { return [TextEdit(SourceRange(start, behind), "")] }
      return [TextEdit(SourceRange(lineStart, bytes.behindLineBreak(bytes.lineEnd(behind))), "")]
    }
    guard let previous = own.filter({ $0.keyRange.start < start }).max(by: { $0.keyRange.start < $1.keyRange.start })
    else { return [TextEdit(SourceRange(mapping.range.start + 1, mapping.range.end - 1), "")] }
    let commaBefore = bytes.skipVoid(textRange(of: previous).end)
    let behind = bytes.skipBlanks(end)
    guard bytes[commaBefore] == UInt8(ascii: ","), isFirstOnLine, isEndOfLine(behind) else {
      return [TextEdit(SourceRange(min(commaBefore, start), end), "")]
    }
    return [
      TextEdit(SourceRange(commaBefore, commaBefore + 1), ""),
      TextEdit(SourceRange(lineStart, bytes.behindLineBreak(bytes.lineEnd(behind))), ""),
    ]
  }

  private func isEndOfLine(_ offset: Int) -> Bool {
    offset >= bytes.count || bytes.isLineBreak(offset) || bytes[offset] == UInt8(ascii: "#")
  }
}
