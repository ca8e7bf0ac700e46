import Testing

@testable import Reporting

/// Nothing that a text holds does anything to a terminal.
@Suite struct ShownTextTests {
  @Test(arguments: [
    ("plain\tand\nsimple", "plain\tand\nsimple"), ("a\u{1B}[31mb", "a␛[31mb"), ("a\rb", "a␍b"), ("\u{7}", "␇"),
    ("\u{9B}2J", "\u{FFFD}2J"), ("\u{7F}", "␡"), ("a\u{202E}b\u{2066}c\u{200F}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}"),
    ("é 月 👩‍🚀", "é 月 👩‍🚀"), ("\r\n", "␍\n"),
  ])
  func controlsAreShownNotSent(text: String, shown: String) {
    #expect(ShownText.of(text) == shown)
    #expect(TerminalStyle.plain.terminalText(text) == shown)
  }

  /// The marks that ``TerminalStyle`` uses inside are no way around it.
  @Test func marksOfColoursInATextAreNone() {
    let painted = TerminalStyle(isColoured: true).paint("red", .error)
    #expect(TerminalStyle.plain.terminalText(painted) == "\u{FFFD}red\u{FFFD}")
  }

  @Test(arguments: TextRole.allCases) func onlyOwnColoursAreSent(_ role: TextRole) {
    let style = TerminalStyle(isColoured: true)
    let sent = style.terminalText("a\u{1B}[5m" + style.paint("b\u{1B}]0;x\u{7}", role) + "\u{1B}[2J")
    let parts = sent.split(separator: "\u{1B}", omittingEmptySubsequences: false)
    #expect(parts.count == 3)
    #expect(parts[0] == "a␛[5m" && parts[1].hasSuffix("mb␛]0;x␇") && parts[2] == "[0m␛[2J")
  }

  /// Every scalar, alone and between letters.
  @Test func noControlGetsThrough() {
    let sent = (UInt32(0)...0x10FFFF).compactMap(Unicode.Scalar.init).filter { scalar in
      !ShownText.of("a\(Character(scalar))b").unicodeScalars.allSatisfy { shown in
        shown == "\n" || shown == "\t"
          || shown.properties.generalCategory != .control
            && !(0x202A...0x202E).contains(shown.value) && !(0x2066...0x2069).contains(shown.value)
      }
    }
    #expect(sent == [])
  }
}
