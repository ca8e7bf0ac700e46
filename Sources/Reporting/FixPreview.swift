import Diagnostics

/// The lines that a fix changes, before and after, as a diff shows them.
struct FixPreview {
  private let fix: Fix
  /// More changed lines than this are not shown: the fix is then easier to try than to read.
  private static let longest = 8

  init(_ fix: Fix) { self.fix = fix }

  func lines(gutter: Int, width: Int, style: TerminalStyle) -> [String] {
    let file = fix.file
    guard let start = fix.edits.map(\.range.start).min(), let end = fix.edits.map(\.range.end).max() else { return [] }
    let fixed = file.applying([fix])
    guard fixed.applied == 1 else { return [] }
    let after = SourceFile(name: file.name, text: fixed.text)
    let firstLine = file.position(at: start).line
    let lastLine = file.position(at: end).line
    // The text behind the last edit is the same, so line ends count from the end of the file.
    let lastLineAfter = after.lineCount - (file.lineCount - lastLine)
    var old = (firstLine...lastLine).map { (number: $0, text: String(file.line($0))) }
    var new = firstLine <= lastLineAfter
      ? (firstLine...lastLineAfter).map { (number: $0, text: String(after.line($0))) } : []
    while let left = old.last, let right = new.last, left.text == right.text { old.removeLast(); new.removeLast() }
    while let left = old.first, let right = new.first, left.text == right.text { old.removeFirst(); new.removeFirst() }
    guard old.count + new.count <= Self.longest else { return [] }

    let bar = String(repeating: " ", count: gutter) + " "
    var lines = [bar + style.paint("|", .frame)]
    lines += old.map { line($0, "-", .removed, gutter, width, style) }
    lines += new.map { line($0, "+", .added, gutter, width, style) }
    return lines.count > 1 ? lines : []
  }

  private func line(
    _ line: (number: Int, text: String), _ sign: String, _ role: TextRole, _ gutter: Int, _ width: Int,
    _ style: TerminalStyle
  ) -> String {
    let digits = String(line.number)
    let margin = String(repeating: " ", count: max(0, gutter - digits.utf8.count)) + digits
    var text = ""
    var columns = 0
    for character in line.text {
      if columns >= width - gutter - 6 { text += "..."; break }
      text += character == "\t" ? "    " : DisplayWidth.shown(character)
      columns += character == "\t" ? 4 : DisplayWidth.columns(of: character)
    }
    return style.paint(margin, .frame) + " " + style.paint(sign + (text.isEmpty ? "" : " " + text), role)
  }
}
