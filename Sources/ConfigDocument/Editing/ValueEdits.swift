import Diagnostics

/// Replacing a value where it stands.
extension EditDraft {
  func replace(_ path: [String], with value: ConfigValue) throws(EditError) -> [TextEdit] {
    let written = try value.flowText(as: document.format)
    guard let place = place(path) else { throw .noSuchPath }
    guard let entry = place.entry else { return [TextEdit(place.node.range, spaced(written, at: place.node.range))] }
    // A key beside a merge key wins over what that brings.
    if place.isMerged { return try insertEntry([entry.key], value, into: place.parent) }
    let range = textRange(of: entry)
    if range.start == range.end {
      let hasColon = behindColon(entry) > entry.keyRange.end
      return [TextEdit(range, hasColon ? spaced(written, at: range) : ": " + written)]
    }
    let isBlock = range == entry.value.range && entry.value.scalar == nil && !isFlow(entry.value)
    let colon = behindColon(entry)
    // On the line of its key, if no comment or anchor stands between.
    if isBlock, bytes.trimBack(range.start, floor: colon) == colon {
      return [TextEdit(SourceRange(colon, range.end), " " + written)]
    }
    return [TextEdit(range, written)]
  }

  /// A value where nothing was: with a space, unless there is one.
  private func spaced(_ written: String, at range: SourceRange) -> String {
    range.start < range.end || bytes.isBlank(range.start - 1) ? written : " " + written
  }
}
