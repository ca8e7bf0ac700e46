import Diagnostics
import Testing

@testable import ConfigDocument

@Suite struct YAMLReaderTests {
  @Test func readsASmallConfig() throws {
    let document = DocumentReader.read(text: "a: 1\nb:\n  c: [x, 'y']\n  d:\n", name: "f.yaml")
    #expect(document.diagnostics.isEmpty)
    let root = try #require(document.root)
    #expect(root.value(in: .v1_1) == ["a": 1, "b": ["c": ["x", "y"], "d": nil]])
  }
}
