import Diagnostics

/// Replacing a value where it stands.
extension EditDraft {
  func replace(_ path: [String], with value: ConfigValue) throws(EditError) -> [TextEdit] {
    let written = try value.flowText(as: document.format)
    guard let place = place(path) else { throw .noSuchPath }
    guard let entry = place.entry else { return [bytes.edit(place.node.range, to: written)] }
    // A key beside a merge key wins over what that brings.
    if place.isMerged { return try insertEntry([entry.key], value, into: place.parent) }
    let range = textRange(of: entry)
    let colon = behindColon(entry)
    if range.start == range.end, colon == entry.keyRange.end { return [TextEdit(range, ": " + written)] }
    let isBlock = range == entry.value.range && entry.value.scalar == nil && !isFlow(entry.value)
    // On the line of its key, if no comment or anchor stands between.
    if isBlock, bytes.trimBack(range.start, floor: colon) == colon {
      return [bytes.edit(SourceRange(colon, range.end), to: " " + written)]
    }
    return [bytes.edit(range, to: written)]
  }
}
