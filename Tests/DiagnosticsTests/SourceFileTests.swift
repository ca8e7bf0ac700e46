import Testing

@testable import Diagnostics

@Suite struct SourceFileTests {
  @Test(arguments: [
    ("abc", 0, 1, 1), ("abc", 3, 1, 4), ("a\nb", 2, 2, 1), ("a\r\nb", 3, 2, 1), ("a\rb", 2, 2, 1),
    ("é: x", 4, 1, 4), ("😀\n😀x", 9, 2, 2), ("", 5, 1, 1),
    ("\u{FEFF}ab", 4, 1, 2), ("\u{FEFF}ab", 0, 1, 1), ("\u{FEFF}", 3, 1, 1), ("\u{FEFF}\na", 5, 2, 2),
  ])
  func countsLinesAndScalars(text: String, offset: Int, line: Int, column: Int) {
    #expect(SourceFile(name: "f", text: text).position(at: offset) == SourcePosition(line: line, column: column))
  }

  @Test func linesComeWithoutTheirEnds() {
    let file = SourceFile(name: "f", text: "one\r\ntwo\n\nfour")
    #expect((1...5).map { String(file.line($0)) } == ["one", "two", "", "four", ""])
  }

  @Test func fixesAreTakenWholeOrNotAtAll() {
    let file = SourceFile(name: "f", text: "a: 1\nb: 2\n")
    let first = Fix("1 to 10", .safe, in: file, edits: [TextEdit(SourceRange(3, 4), "10")])
    let clash = Fix(
      "both", .safe, in: file, edits: [TextEdit(SourceRange(3, 4), "11"), TextEdit(SourceRange(8, 9), "12")])
    let other = Fix("2 to 20", .safe, in: file, edits: [TextEdit(SourceRange(8, 9), "20")])
    let result = file.applying([first, clash, other])
    #expect(result.text == "a: 10\nb: 20\n")
    #expect(result.applied == 2)
  }
}
