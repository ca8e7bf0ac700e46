import Diagnostics
import Testing

@testable import ConfigDocument

/// What PyYAML's own scanner says of each: `yaml.safe_load`, 6.0.
@Suite("Tabs between tokens")
struct TabSeparatorTests {
  @Test(
    "a tab that PyYAML refuses is a warning, and its fix writes what PyYAML reads alike",
    arguments: [
      ("a:\tb\n", "a: b\n"), ("a: b\t\n", "a: b\n"), ("a: b\t# c\n", "a: b # c\n"), ("a: 'b'\t\n", "a: 'b'\n"),
      ("a: b c\td\n", "a: b c d\n"), ("a: {b:\tc}\n", "a: {b: c}\n"), ("a: [1,\t2]\n", "a: [1, 2]\n"),
      ("a:\t|\n  x\n", "a: |\n  x\n"), ("a: |\t\n  x\n", "a: |\n  x\n"), ("a: &x\tb\n", "a: &x b\n"),
      ("a: \t b\n", "a: b\n"),
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
}
