import Diagnostics
import Testing

@testable import ConfigDocument

@Suite struct JSONReaderTests {
  @Test(
    arguments: [
      ("{\"a\": [1, -2.5e3, true, false, null, \"x\"]}", ["a": [1, -2500.0, true, false, nil, "x"]]),
      (" \r\n\t[ ] ", []), ("{ }", [:]), ("\u{FEFF}{\"a\":0}", ["a": 0]), ("-0", 0), ("-0.0", -0.0),
      ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
      ("9223372036854775808", .float(0x1p63)),
      ("1e400", .float(.infinity)), ("1E-5", 1e-5), ("0.1", 0.1), ("1.0", 1.0), ("1e2", 100.0),
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u4E2D""#, "é中"), (#""\ud83d\ude00""#, "😀"),
      ("\"\u{7F}\u{85}é😀\u{2028}\"", "\u{7F}\u{85}é😀\u{2028}"), ("\"\\u0000\"", "\u{0}"), ("\"yes\"", "yes"),
    ] as [(String, ConfigValue)])
  func readsValues(text: String, value: ConfigValue) throws {
    let document = DocumentReader.read(text: text, name: "f.json")
    #expect(document.diagnostics.isEmpty)
    let root = try #require(document.root)
    #expect(root.value(in: .v1_1).isSame(as: value))
    #expect(root.value(in: .v1_2).isSame(as: value))
  }

  @Test(arguments: [
    ("{\"a\": «1» }", "a"), ("{\"a\": «\"x\"»}", "a"), ("{\"é\": 1, \"b\":«[1, {}]» }", "b"),
    ("[1, «{\"a\": 1}»]", "1"),
    ("{\"a\": {\"b\":«-1e5»\n}}", "a.b"),
  ])
  func knowsWhereAValueStands(marked: String, path: String) throws {
    let marked = MarkedText(marked)
    let root = try #require(DocumentReader.read(text: marked.text, name: "f.json").root)
    let node = try #require(root.place(of: path.split(separator: ".").map(String.init)))
    #expect(MarkedText.mark(marked.text, node.range) == MarkedText.mark(marked.text, marked.range))
  }

  @Test func aDuplicateKeyLeavesTheFirst() throws {
    let marked = MarkedText("{\"s\": {\"a\": 1, «\"\\u0061\"»: 2}}")
    let document = DocumentReader.read(text: marked.text, name: "f.json")
    #expect(document.diagnostics.map(\.code) == [DocumentRule.duplicateKey.code])
    #expect(document.diagnostics.first?.path == "s.a")
    #expect(document.diagnostics.first?.location?.range == marked.range)
    #expect(document.root?.value(in: .v1_2) == ["s": ["a": 1]])
    #expect(!document.isUnreadable)
  }

  @Test(arguments: [
    ("{\"a\": 1«,»}", "JSON allows no comma before a closing bracket"),
    ("[1, 2«,»\n]", "JSON allows no comma before a closing bracket"),
    ("{«a»: 1}", "the key `a` must stand in double quotes"),
    ("{«'a'»: 1}", "JSON strings stand in double quotes, not in single ones"),
    ("{\"a\": «'x'»}", "JSON strings stand in double quotes, not in single ones"),
    ("{\"a\": 1«» \"b\": 2}", "a comma is missing here"),
    ("[1«»\n 2]", "a comma is missing here"),
    ("{\"a\"«» 1}", "a colon is missing after the key `a`"),
    ("{\"a\":«» }", "the key `a` has no value"),
    ("{\"a\": 1, «// c»\n\"b\": 2}", "JSON allows no comments"),
    ("«/* é */» {}", "JSON allows no comments"),
    ("{} «# c»", "JSON allows no comments"),
    ("[1, «,»2]", "a value is missing before this comma"),
    ("[«True»]", "`True` is no JSON value"),
    ("[«None»]", "`None` is no JSON value"),
    ("[«NaN»]", "JSON has no `NaN`; numbers are finite"),
    ("[«-Infinity»]", "JSON has no `-Infinity`; numbers are finite"),
    ("[«cosine»]", "`cosine` is no JSON value; strings stand in double quotes"),
    ("[«+1»]", "`+1`: JSON numbers have no plus sign"),
    ("[«.5»]", "`.5`: JSON numbers begin with a digit"),
    ("[«1.»]", "`1.`: JSON numbers have a digit behind the point"),
    ("[«017»]", "`017`: JSON numbers have no leading zeros"),
    ("[«0x1F»]", "`0x1F`: JSON numbers are decimal"),
    ("[«1_000»]", "`1_000`: JSON numbers have no underscores"),
    ("[«1e»]", "`1e`: this is no number that JSON knows"),
    ("«{»\"a\": 1", "the text ends before this `{` is closed"),
    ("{\"a\": «[»1, 2", "the text ends before this `[` is closed"),
    ("[1«}»", "`[` is closed by `}`"),
    ("{\"a\": «]»", "expected a value, found `]`"),
    ("[«\"abc»\n]", "this string is not closed before the line ends"),
    ("[«\"»abc", "the text ends before this string is closed"),
    ("[\"a«\t»b\"]", "a control character inside a string must be written as `\\t`"),
    ("[\"a«\u{1}»b\"]", "a control character inside a string must be written as `\\u0001`"),
    ("[\"a«\u{0}»b\"]", "a control character inside a string must be written as `\\u0000`"),
    ("[\"«\\x»41\"]", "JSON has no escape `\\x`"),
    ("[\"«\\u12»\"]", "`\\u` must be followed by four hexadecimal digits"),
    ("[\"«\\ud83d»\"]", "`\\ud83d` is half of a surrogate pair"),
    ("[\"«\\ude00»\"]", "`\\ude00` is half of a surrogate pair"),
    ("[\"«\\ud83d»\\u0041\"]", "`\\ud83d` is half of a surrogate pair"),
    ("{} «{»}", "the document ended before this; a file holds one JSON value"),
    ("«é»", "`é` is no JSON value; strings stand in double quotes"),
    ("[«=»]", "unexpected `=`"),
    ("[«\u{0}»]", "unexpected ` `"),
  ])
  func saysWhatIsWrongAndWhere(marked: String, message: String) throws {
    let marked = MarkedText(marked)
    let document = DocumentReader.read(text: marked.text, name: "f.json")
    let diagnostic = try #require(document.diagnostics.first)
    #expect(document.diagnostics.count == 1)
    #expect(diagnostic.message == message)
    #expect(diagnostic.code == DocumentRule.syntaxError.code)
    let range = try #require(diagnostic.location?.range)
    #expect(MarkedText.mark(marked.text, range) == MarkedText.mark(marked.text, marked.range))
    #expect(document.root == nil)
    #expect(document.isUnreadable)
  }

  @Test(arguments: [
    ("{\"a\": [1, 2,],}", "{\"a\": [1, 2]}", Fix.Applicability.safe), ("{a: 1}", "{\"a\": 1}", .safe),
    ("{'a': 'b'}", "{\"a\": \"b\"}", .safe), ("[True, None]", "[true, null]", .safe),
    ("[1 2]", "[1, 2]", .unsafe), ("[1] // c", "[1] ", .unsafe), ("[cosine]", "[\"cosine\"]", .unsafe),
    ("[\"a\tb\"]", "[\"a\\tb\"]", .safe),
  ])
  func mendsWhatItCan(text: String, mended: String, applicability: Fix.Applicability) throws {
    var text = text
    // One fix a run: a text that is not JSON has one error.
    for _ in 0..<5 {
      let document = DocumentReader.read(text: text, name: "f.json")
      guard let fix = document.diagnostics.first?.fix else { break }
      #expect(fix.applicability == applicability)
      text = document.file.applying([fix]).text
    }
    #expect(text == mended)
    #expect(DocumentReader.read(text: text, name: "f.json").diagnostics.isEmpty)
  }

  @Test(arguments: ["", " \n"]) func anEmptyTextIsNotJSON(text: String) {
    let document = DocumentReader.read(text: text, name: "f.json")
    #expect(document.diagnostics.map(\.code) == [DocumentRule.emptyDocument.code])
    #expect(document.isUnreadable)
  }
}
