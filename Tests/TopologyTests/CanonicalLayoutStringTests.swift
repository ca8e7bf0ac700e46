import Testing

@testable import Topology

@Suite struct CanonicalLayoutStringTests {
  @Test(arguments: [
    ([14, 13], "Et*14|t*13L"),
    ([7, 7, 7, 6], "Et*7|t*7|t*7|t*6L"),
    ([1, 2, 3], "Et|tt|t*3L"),
    ([3, 4, 4, 4, 4, 4, 4, 0], "Et*3|(t*4|)*6L"),
    ([2, 2, 2, 2, 2, 2, 2, 2], "Ett|(tt|)*6ttL"),
    ([1, 0, 0, 0, 0, 0, 0, 0], "Et||*6L"),
    ([27], "Et*27L"),
    ([0], "EL"),
  ])
  func writesShortStrings(decoders: [Int], text: String) {
    #expect(PipelineLayout(decoders: decoders)?.megatronString == text)
  }

  @Test func putsMTPBeforeTheLoss() {
    #expect(PipelineLayout(decoders: [2, 2], mtp: 1)?.megatronString == "Ett|ttmL")
  }

  @Test func readsBackWhatItWrites() throws {
    for row in try fixture("layout-strings") {
      guard let letters = row.string(1) else { continue }
      let layout = try PipelineLayout.parse(megatron: letters).layout
      let text = layout.megatronString
      #expect(try PipelineLayout.parse(megatron: text).layout == layout, "\(text)")
      #expect(text.utf8.count <= letters.utf8.count, "\(text)")
    }
  }
}
