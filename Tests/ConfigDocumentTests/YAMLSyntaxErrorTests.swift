import Diagnostics
import Testing

@testable import ConfigDocument

@Suite struct YAMLSyntaxErrorTests {
  /// Place and wording of the one error of a text that is not YAML.
  @Test(arguments: [
    ("a: 1\n«b»\nc: 2\n", "a colon is missing in `b`"),
    ("s:\n  a: 1\n  «b 2»\n  c: 3\n", "a colon is missing in `b 2`"),
    ("s:\n  «b 2»\n  c: 3\n", "a colon is missing in `b 2`"),
    ("a: 1\n«b = 2»\n", "a key and its value are separated by a colon, not by `=`"),
    ("a«:»1\nb: 2\n", "a space is missing behind the colon in `a:1`"),
    ("a: 1\nb«:»2\nc: 3\n", "a space is missing behind the colon in `b:2`"),
    ("- 1\n«-»2\n", "a space is missing behind the dash in `-2`"),
    ("é: 1\n  «b»: 2\n", "`b` is indented deeper than line 1, which already has a value"),
    ("s:\n  a: 1\n\n    # c\n    «b»: 2\n", "`b` is indented deeper than line 2, which already has a value"),
    ("s:\n  a: 1\n «b: 2»\n", "the indentation of 1 space fits no line above"),
    ("s:\n    a: 1\n  «b: 2» # c\n", "the indentation of 2 spaces fits no line above"),
    ("a: b«:» c\n", "`a` already has a value on this line; a second colon is not allowed"),
    ("url: http://x«:» y\n", "`url` already has a value on this line; a second colon is not allowed"),
    ("---«a:» 1\n".replacing("---«", with: "--- «"), "a mapping cannot begin on the line of `---`"),
    ("{«:» 1}\n", "a key is missing before this colon"),
    ("«:» 1\nb: 2\n", "a key is missing before this colon"),
    ("a: 1\n«- b»\n", "a list item stands among the keys of a mapping"),
    ("a: «- b»\n", "a list cannot begin on the line of its key"),
    ("- a\n«b: 1»\n", "`b: 1` stands in a list but does not begin with `- `"),
    ("a: «\"»x\nb: 2\n".replacing("»x", with: "x»"), "this double quote is never closed"),
    ("a: «'x»\nb: 2\n", "this single quote is never closed"),
    ("a: 'it'«s'»\n", "`s'` stands behind a closing quote"),
    ("a: \"x\" «y»\n", "`y` stands behind a closing quote"),
    (
      "a: «\"x»\nb: 1\nc: \"y\"\n",
      "this quote is not closed on its line; the text runs on to the next quote, on line 3"
    ),
    ("a: [1] «b»\n", "`b` stands behind a closing bracket"),
    ("a: «[»1, 2\nb: 3\n", "this `[` is never closed"),
    ("a: «{»\n  b: 1,\n  c: 2\n", "this `{` is never closed"),
    ("a: [1, 2«}»\n", "`[` is closed by `}`"),
    ("a: «]»\n", "`]` closes no bracket"),
    ("a: 1\n«}»\n", "`}` closes no bracket"),
    ("a: [1,«,» 2]\n", "a value is missing before this comma"),
    ("{a: 1 b«:» 2}\n", "a colon is not allowed here"),
    ("[\"a\"« \"»b\"]\n", "a comma or `]` is missing here"),
    ("a: «@x»\n", "a bare text cannot begin with `@`"),
    ("a: «%x»\n", "a bare text cannot begin with `%`"),
    ("a: «`x`»\n", "a bare text cannot begin with a backtick"),
    ("a: «*.jsonl»\n", "a bare text cannot begin with `*`"),
    ("a: «& b»\n", "a bare text cannot begin with `&`"),
    ("a: «? b»\n", "a bare text cannot begin with `?`"),
    ("a: «!x!y» z\n", "the tag `!x!y` is not declared"),
    ("a: |«x»\n  b\n", "a text block begins on the line after `|`"),
    ("a: \"«\\q»\"\n", "`\\q` is no escape"),
    ("a: \"«\\u12»\"\n", "this escape needs more hexadecimal digits"),
    ("a: \"«\\ud83d»\\ude00\"\n", "an escape for half of a surrogate pair; write the character itself"),
    ("%YAML 1.2\n«a: 1»\n", "a line that begins with `%` must be followed by `---`"),
    ("«%YAML 2.0»\n---\na: 1\n", "this version of YAML is unknown; use 1.1 or 1.2"),
    ("{a: 1}\n«b: 2»\n", "the document ended before this"),
    ("a: |«0»\n b\n", "the YAML reader found an indentation indicator equal to 0 (while scanning a block scalar)"),
  ])
  func saysWhatIsWrongAndWhere(marked: String, message: String) throws {
    let marked = MarkedText(marked)
    let document = DocumentReader.read(text: marked.text, name: "f.yaml")
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
    "s:\n«\t»a: 1\n", "«\t»a: 1\n", "s:\n  a: 1\n«\t\t»b: 2\n", "a: |\n«\t»x\n", "s:\n  a: 1\n «\t»b: 2\n",
  ])
  func tabsHaveARuleOfTheirOwn(marked: String) throws {
    let marked = MarkedText(marked)
    let document = DocumentReader.read(text: marked.text, name: "f.yaml")
    #expect(document.diagnostics.map(\.code) == [DocumentRule.tabIndentation.code])
    #expect(document.diagnostics.first?.location?.range == marked.range)
    #expect(document.isUnreadable)
  }

  /// The text after the fix reads without an error.
  @Test(arguments: [
    ("a: @x\n", "a: \"@x\"\n", Fix.Applicability.safe), ("a: *.txt # c\n", "a: \"*.txt\" # c\n", .safe),
    ("a: 1\nb 2\n", "a: 1\nb: 2\n", .unsafe), ("a:1\nb: 2\n", "a: 1\nb: 2\n", .unsafe),
    ("a: 1\nb = 2\n", "a: 1\nb: 2\n", .unsafe), ("a: b: c\n", "a: \"b: c\"\n", .unsafe),
    ("a: \"\\q\"\n", "a: \"\\\\q\"\n", .unsafe), ("s:\n\ta: 1\n\tb: 2\n", "s:\n  a: 1\n\tb: 2\n", .unsafe),
  ])
  func mendsWhatItCan(text: String, mended: String, applicability: Fix.Applicability) throws {
    let document = DocumentReader.read(text: text, name: "f.yaml")
    let fix = try #require(document.diagnostics.first?.fix)
    #expect(fix.applicability == applicability)
    #expect(document.file.applying([fix]).text == mended)
  }
}
