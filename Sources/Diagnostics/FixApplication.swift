extension SourceFile {
  /// This file's text with fixes applied, and how many were.
  ///
  /// A fix is taken whole or not at all: one that overlaps an earlier one is left for the next run.
  public func applying(_ fixes: [Fix]) -> (text: String, applied: Int) {
    var taken: [TextEdit] = []
    var applied = 0
    for fix in fixes where fix.file === self && !fix.edits.isEmpty {
      let edits = fix.edits.filter { !taken.contains($0) }
      let clashes = edits.contains { edit in taken.contains { $0.overlaps(edit) } }
      guard !clashes else { continue }
      taken += edits
      applied += 1
    }
    var result = text
    for edit in taken.sorted(by: { ($0.range.start, $0.range.end) > ($1.range.start, $1.range.end) }) {
      let utf8 = result.utf8
      let end = min(max(edit.range.end, 0), utf8.count)
      let start = min(max(edit.range.start, 0), end)
      result.replaceSubrange(
        utf8.index(utf8.startIndex, offsetBy: start)..<utf8.index(utf8.startIndex, offsetBy: end), with: edit.text)
    }
    return (result, applied)
  }
}

extension TextEdit {
  /// Whether both touch the same text; two insertions at one place do as well, since their order would be a guess.
  fileprivate func overlaps(_ other: TextEdit) -> Bool {
    if range.start == other.range.start { return true }
    return range.start < other.range.end && other.range.start < range.end
  }
}

extension [Diagnostic] {
  /// The fixes of a file to apply together: the safe ones. Guesses come where nothing safe is left, since what is mended
  /// safely may have been what a guess was about.
  public func nextFixes(in file: SourceFile, takingUnsafe: Bool) -> [Fix] {
    let all = compactMap(\.fix).filter { $0.file === file }
    let safe = all.filter { $0.applicability == .safe }
    return safe.isEmpty && takingUnsafe ? all : safe
  }
}
