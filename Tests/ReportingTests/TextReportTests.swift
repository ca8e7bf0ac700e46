import Diagnostics
import Testing

@testable import Reporting

/// Marks stand under what they mark: each case is a line, what is marked in it, and the two lines as they are shown.
@Suite struct TextReportTests {
  struct Case: CustomTestStringConvertible {
    let line: String
    let marked: String
    let shown: [String]
    var width = 120
    var testDescription: String { String(line.prefix(40)) }
  }

  static let cases: [Case] = [
    Case(line: "lr: fast", marked: "fast", shown: ["2 | lr: fast", "  |     ^^^^"]),
    Case(line: "\tlr:\tfast", marked: "fast", shown: ["2 |     lr: fast", "  |         ^^^^"]),
    Case(line: "名前: 月光 # 月", marked: "月光", shown: ["2 | 名前: 月光 # 月", "  |       ^^^^"]),
    Case(line: "e\u{301}e\u{301}: x", marked: "x", shown: ["2 | e\u{301}e\u{301}: x", "  |     ^"]),
    Case(line: "🌙🌙: x", marked: "x", shown: ["2 | 🌙🌙: x", "  |       ^"]),
    Case(line: "👩‍🚀: x", marked: "x", shown: ["2 | 👩‍🚀: x", "  |     ^"]),
    Case(line: "a\u{1B}[31m: x", marked: "x", shown: ["2 | a␛[31m: x", "  |         ^"]),
    Case(
      line: String(repeating: "a", count: 100) + " fast " + String(repeating: "b", count: 100), marked: "fast",
      shown: ["2 | ...aaaaaaaaa fast bbbbbbbbbbbbbbb...", "  |              ^^^^"], width: 40),
    Case(
      line: String(repeating: "a", count: 100) + " fast", marked: "fast",
      shown: [
        "2 | ..." + String(repeating: "a", count: 25) + " fast", "  | " + String(repeating: " ", count: 29) + "^^^^",
      ],
      width: 40),
  ]

  @Test(arguments: cases) func marksStandUnderWhatTheyMark(_ example: Case) throws {
    let file = SourceFile(name: "a.yaml", text: "first: 1\n\(example.line)\nlast: 1\n")
    let range = try #require(file.text.utf8Range(of: example.marked))
    let diagnostic = Diagnostic("X-01", .error, "wrong", at: SourceLocation(file, range))
    let lines = TextReport(width: example.width).text(of: diagnostic).split(separator: "\n").map(String.init)
    #expect(Array(lines.suffix(2)) == example.shown)
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func lineEndsAreNotShown(_ end: String) throws {
    let file = SourceFile(name: "a.yaml", text: "a: 1\(end)b: 2\(end)")
    let range = try #require(file.text.utf8Range(of: "2"))
    let text = TextReport().text(of: Diagnostic("X-01", .error, "wrong", at: SourceLocation(file, range)))
    #expect(text == "error[X-01]: wrong\n --> a.yaml:2:4\n  |\n2 | b: 2\n  |    ^\n")
  }

  @Test func theEndOfAFileIsMarkedBehindItsLastCharacter() {
    let file = SourceFile(name: "a.yaml", text: "a: [1")
    let text = TextReport().text(of: Diagnostic("X-01", .error, "open", at: SourceLocation(file, SourceRange(5, 5))))
    #expect(text == "error[X-01]: open\n --> a.yaml:1:6\n  |\n1 | a: [1\n  |      ^\n")
  }

  @Test func rangesThatLeaveTheTextAreCut() {
    let file = SourceFile(name: "a.yaml", text: "a: 1\n")
    for range in [SourceRange(-5, 900), SourceRange(900, 901), SourceRange(3, 900)] {
      let text = TextReport().text(of: Diagnostic("X-01", .error, "wild", at: SourceLocation(file, range)))
      #expect(text.hasPrefix("error[X-01]: wild\n"))
    }
  }

  /// Marks of every kind at every offset of texts whose lines are empty, long, or hold characters of several bytes.
  @Test(arguments: [
    String(repeating: "x", count: 5000) + "\n\n", String(repeating: " ", count: 4200) + "\n",
    "\n\n" + String(repeating: "é😀", count: 900) + "\n\n", "\u{FEFF}\n\r\n\r",
  ])
  func noMarkLeavesItsLine(text: String) {
    let file = SourceFile(name: "a.yaml", text: text)
    let count = text.utf8.count
    let offsets = Array(-1...9) + Array(stride(from: 10, to: count, by: 701)) + Array(count - 6...count + 2)
    for start in offsets {
      for length in [0, 1, 3, 4096, 9000] {
        let range = SourceRange(start, start + length)
        let fix = Fix("write it", .safe, in: file, edits: [TextEdit(range, "y\n\nz")])
        let report = TextReport(width: 40).text(
          of: Diagnostic("X-01", .error, "wrong", at: SourceLocation(file, range), fix: fix))
        #expect(report.split(separator: "\n").allSatisfy { $0.unicodeScalars.count < 90 })
      }
    }
  }

  @Test func relatedPlacesStandInTheOrderOfTheText() {
    let file = SourceFile(name: "a.yaml", text: "a: 1\nb: 2\nc: 3\nd: 4\n")
    let diagnostic = Diagnostic(
      "X-01", .warning, "together", help: "change one", at: SourceLocation(file, SourceRange(18, 19)),
      related: [
        RelatedPlace("a", "the first", at: SourceLocation(file, SourceRange(3, 4))),
        RelatedPlace("e", "nowhere"),
      ])
    #expect(
      TextReport().text(of: diagnostic) == """
        warning[X-01]: together
         --> a.yaml:4:4
          |
        1 | a: 1
          |    - the first
        ...
        4 | d: 4
          |    ^
          |
          = note: e: nowhere
          = help: change one

        """)
  }

  @Test func aFixIsShownAsADifference() {
    let file = SourceFile(name: "a.yaml", text: "a: 1\nb: 2\n")
    let fix = Fix("remove it", .unsafe, in: file, edits: [TextEdit(SourceRange(0, 5), "")])
    let diagnostic = Diagnostic("X-01", .note, "old", at: SourceLocation(file, SourceRange(0, 1)), fix: fix)
    #expect(
      TextReport().text(of: diagnostic) == """
        note[X-01]: old
         --> a.yaml:1:1
          |
        1 | a: 1
          | ^
          |
          = fix: remove it (unsafe)
          |
        1 - a: 1

        """)
  }

  @Test func aLineOfMegabytesIsCutQuickly() throws {
    let file = SourceFile(name: "a.yaml", text: "a: " + String(repeating: "x", count: 8 << 20) + " fast")
    let range = try #require(file.text.utf8Range(of: "fast"))
    let clock = ContinuousClock()
    let time = clock.measure {
      #expect(
        TextReport().text(of: Diagnostic("X-01", .error, "long", at: SourceLocation(file, range))).utf8.count < 400)
    }
    #expect(time < .seconds(2))
  }

  @Test func colourIsADecoration() {
    let file = SourceFile(name: "a.yaml", text: "a: 1\n")
    let diagnostic = Diagnostic("X-01", .error, "wrong", help: "mend it", at: SourceLocation(file, SourceRange(3, 4)))
    let painted = TextReport(style: TerminalStyle(isColoured: true)).text(of: diagnostic)
    let shown = TerminalStyle(isColoured: true).terminalText(painted)
    #expect(shown.contains("\u{1B}[1;31merror[X-01]\u{1B}[0m"))
    #expect(shown.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") == TextReport().text(of: diagnostic))
  }
}

extension String {
  /// UTF-8 offsets of the first occurrence.
  fileprivate func utf8Range(of part: String) -> SourceRange? {
    firstRange(of: part).map {
      SourceRange(
        utf8.distance(from: utf8.startIndex, to: $0.lowerBound), utf8.distance(from: utf8.startIndex, to: $0.upperBound)
      )
    }
  }
}
