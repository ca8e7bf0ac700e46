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
    // Long lines are cut around the first difference.
    let shared = zip(old.first?.text.utf8 ?? "".utf8, new.first?.text.utf8 ?? "".utf8).prefix { $0.0 == $0.1 }.count
    lines += old.map { line(file, $0.number, shared, "-", .removed, gutter, width, style) }
    lines += new.map { line(after, $0.number, shared, "+", .added, gutter, width, style) }
    return lines.count > 1 ? lines : []
  }

  /// - Parameter focus: UTF-8 offset in the line that must be seen.
  private func line(
    _ file: SourceFile, _ number: Int, _ focus: Int, _ sign: String, _ role: TextRole, _ gutter: Int, _ width: Int,
    _ style: TerminalStyle
  ) -> String {
    let digits = String(number)
    let margin = String(repeating: " ", count: max(0, gutter - digits.utf8.count)) + digits
    let line = file.line(number)
    let start = file.text.utf8.distance(from: file.text.startIndex, to: line.startIndex) + min(focus, line.utf8.count)
    let mark = Excerpt.Mark(SourceRange(start, start), .secondary, label: "")
    let text = ExcerptLine(file, number, [mark], width: width - gutter - 3).text
    return style.paint(margin, .frame) + " " + style.paint(sign + (text.isEmpty ? "" : " " + text), role)
  }
}
