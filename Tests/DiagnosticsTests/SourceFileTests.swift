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
    #expect((1...5).map { String(file.line($0).text) } == ["one", "two", "", "four", ""])
  }

  /// A line knows where it stands, whatever is asked of it.
  @Test(arguments: ["", "\n", "\r\n\r\n", "a\n\nb", "\u{FEFF}", "\u{FEFF}\n\n", "é\n😀😀\n\n", "a\r\r\nb\r"])
  func everyLineLiesInItsFile(text: String) {
    let file = SourceFile(name: "f", text: text)
    for number in -1...file.lineCount + 2 {
      let line = file.line(number)
      #expect(line.text == file.text(in: line.range))
      #expect(!line.text.utf8.contains { $0 == 0x0A || $0 == 0x0D })
      for (offset, reach) in [(-9, 2), (0, 0), (1, 1), (2, 3), (5, 1), (900, 4)] {
        let part = line.excerpt(around: offset, reach: reach)
        #expect(line.range.start <= part.start && part.end <= line.range.end)
      }
      guard (1...file.lineCount).contains(number) else { continue }
      #expect(file.position(at: line.range.start).line == number)
    }
  }

  @Test func aRangeInsideACharacterTakesAllOfIt() {
    let file = SourceFile(name: "f", text: "aé😀b")
    #expect(file.text(in: SourceRange(2, 2)) == "é")
    #expect(file.text(in: SourceRange(2, 5)) == "é😀")
    #expect(file.text(in: SourceRange(-3, 99)) == "aé😀b")
    #expect(file.applying([Fix("", .safe, in: file, edits: [TextEdit(SourceRange(4, 5), "x")])]).text == "aéxb")
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
