import Diagnostics
import Testing

@testable import ConfigDocument

/// What PyYAML's own scanner says of each: `yaml.safe_load`, 6.0.
@Suite("Texts that PyYAML refuses")
struct PyYAMLRefusalTests {
  @Test(
    "a tab that PyYAML refuses is a warning, and its fix writes what PyYAML reads alike",
    arguments: [
      ("a:\tb\n", "a: b\n"), ("a: b\t\n", "a: b\n"), ("a: b\t# c\n", "a: b # c\n"), ("a: 'b'\t\n", "a: 'b'\n"),
      ("a: b c\td\n", "a: b c d\n"), ("a: {b:\tc}\n", "a: {b: c}\n"), ("a: [1,\t2]\n", "a: [1, 2]\n"),
      ("a:\t|\n  x\n", "a: |\n  x\n"), ("a: |\t\n  x\n", "a: |\n  x\n"), ("a: &x\tb\n", "a: &x b\n"),
      ("a: \t b\n", "a: b\n"), ("- - - a\n      \t b\n", "- - - a\n        b\n"), ("a: b\n  \tc\n", "a: b\n   c\n"),
    ])
  func refused(text: String, mended: String) {
    let document = DocumentReader.read(text: text, name: "a.yaml")
    #expect(document.diagnostics.map(\.code) == ["DOC-16"])
    #expect(document.diagnostics.map(\.severity) == [.warning])
    #expect(document.file.applying(document.diagnostics.compactMap(\.fix)).text == mended)
    #expect(DocumentReader.read(text: mended, name: "a.yaml").diagnostics.isEmpty)
  }

  @Test(
    "a tab within a text or a comment is nobody's business",
    arguments: [
      "a: \"x\ty\"\n", "a: 'x\n  \ty'\n", "a: |\n  x\ty\n", "a: >-\n  x\n  \ty\n", "a: # x\ty\n  b: c\n",
      "a: | # x\ty\n  x\n", "a: b # c\td\n", "# x\ty\na: b\n",
    ])
  func accepted(text: String) {
    #expect(DocumentReader.read(text: text, name: "a.yaml").diagnostics.isEmpty)
  }

  @Test(
    "so is a question mark within brackets",
    arguments: [
      ("a: [b?c]\n", "a: ['b?c']\n"), ("a: {b: what?}\n", "a: {b: 'what?'}\n"), ("{a?: b}\n", "{'a?': b}\n"),
      ("a: [x, it's?]\n", "a: [x, 'it''s?']\n"), ("a: [http://h/f?v=1, c]\n", "a: ['http://h/f?v=1', c]\n"),
      ("a:\n  - [[b?]]\n", "a:\n  - [['b?']]\n"),
    ])
  func questionMarks(text: String, mended: String) {
    let document = DocumentReader.read(text: text, name: "a.yaml")
    #expect(document.diagnostics.map(\.code) == ["DOC-17"])
    #expect(document.diagnostics.map(\.severity) == [.warning])
    #expect(document.file.applying(document.diagnostics.compactMap(\.fix)).text == mended)
    #expect(DocumentReader.read(text: mended, name: "a.yaml").diagnostics.isEmpty)
  }

  @Test(
    "elsewhere it is a letter like others",
    arguments: [
      "a: b?c\n", "a: what?\nb?: c\n", "- b?\n", "a: ['b?']\n", "a: [\"b?\"]\n", "a: [b] # c?\nd: e?\n", "{? a : b}\n",
    ])
  func questionMarksOutside(text: String) {
    #expect(DocumentReader.read(text: text, name: "a.yaml").diagnostics.isEmpty)
  }
}
