import ConfigDocument
import Diagnostics

/// The lines that a fix changes, before and after, as a diff shows them.
struct FixPreview {
  /// The lines around the fix.
  private var before: SourceFile
  private var after: SourceFile
  /// Lines of the file above them.
  private var linesAbove = 0
  /// Numbers of the lines that go and that come, among those around the fix.
  private var old: [Int] = []
  private var new: [Int] = []
  /// More changed lines than this are not shown: the fix is then easier to try than to read.
  private static let longest = 8

  init(_ fix: Fix) {
    before = fix.file
    after = fix.file
    guard let start = fix.edits.map(\.range.start).min(), let end = fix.edits.map(\.range.end).max(),
      !fix.file.isWithheld
    else { return }
    let (first, last) = (fix.file.position(at: start).line, fix.file.position(at: end).line)
    let base = min(fix.file.line(first).range.start, start)
    let behind = last < fix.file.lineCount ? fix.file.line(last + 1).range.start : fix.file.text.utf8.count
    linesAbove = first - 1
    before = SourceFile(name: fix.file.name, text: String(fix.file.text(in: SourceRange(base, behind))))
    let edits = fix.edits.map { TextEdit(SourceRange($0.range.start - base, $0.range.end - base), $0.text) }
    let fixed = before.applying([Fix(fix.title, fix.applicability, in: before, edits: edits)])
    guard fixed.applied == 1 else { return }
    after = SourceFile(name: before.name, text: fixed.text)
    // The text behind the last edit is the same, so line ends count from the end.
    let lastLine = last - linesAbove
    let lastLineAfter = after.lineCount - (before.lineCount - lastLine)
    old = Array(1...lastLine)
    new = 1 <= lastLineAfter ? Array(1...lastLineAfter) : []
    while let left = old.last, let right = new.last, before.line(left).text == after.line(right).text {
      old.removeLast()
      new.removeLast()
    }
    while let left = old.first, let right = new.first, before.line(left).text == after.line(right).text {
      old.removeFirst()
      new.removeFirst()
    }
    if old.count + new.count > Self.longest { (old, new) = ([], []) }
  }

  /// Digits of the largest line number shown.
  var gutterWidth: Int {
    old.isEmpty && new.isEmpty ? 1 : String(linesAbove + max(old.last ?? 0, new.last ?? 0)).utf8.count
  }

  func write(gutter: Int, width: Int, style: TerminalStyle, to text: inout String) {
    guard !old.isEmpty || !new.isEmpty else { return }
    // Long lines are cut around the first difference.
    let left = old.first.map { before.line($0).text } ?? ""
    let right = new.first.map { after.line($0).text } ?? ""
    let shared = zip(left.utf8, right.utf8).prefix { $0.0 == $0.1 }.count
    text.append(blanks: gutter + 1)
    style.paint("|", .frame, to: &text)
    text += "\n"
    func write(_ file: SourceFile, _ number: Int, _ sign: String, _ role: TextRole) {
      style.paint(.frame, in: &text) { $0.append(number: linesAbove + number, width: gutter) }
      text += " "
      let line = line(file, number, around: shared, width: width - gutter - 3)
      style.paint(role, in: &text) {
        $0 += sign
        if !line.isEmpty {
          $0 += " "
          $0 += line
        }
      }
      text += "\n"
    }
    for number in old { write(before, number, "-", .removed) }
    for number in new { write(after, number, "+", .added) }
  }

  /// A line as it is shown.
  ///
  /// - Parameter focus: UTF-8 offset in the line that must be seen.
  private func line(_ file: SourceFile, _ number: Int, around focus: Int, width: Int) -> String {
    let line = file.line(number).range
    let start = min(line.start + focus, line.end)
    let mark = Excerpt.Mark(SourceRange(start, start), .secondary, label: "")
    return ExcerptLine(file, number, [mark], width: width).text
  }
}
