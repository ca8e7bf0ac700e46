import Testing

@testable import Topology

@Suite struct LayoutNotationTests {
  @Test(arguments: [
    ("auto", LayoutNotation.auto),
    ("14+13", .counts("14+13")),
    ("27", .counts("27")),
    ("8+7+x", .counts("8+7+x")),
    ("Et*14|t*13L", .megatron("Et*14|t*13L")),
    ("E+*0tL", .megatron("E+*0tL")),
    ("", .megatron("")),
    (" ", .megatron(" ")),
    ("Auto", .megatron("Auto")),
  ])
  func tellsTheNotationsApart(text: String, notation: LayoutNotation) {
    #expect(LayoutNotation(text) == notation)
  }

  @Test func allNotationsMeanOneLayout() throws {
    let lists = [
      ["embedding"] + Array(repeating: "decoder", count: 14), Array(repeating: "decoder", count: 13) + ["loss"],
    ]
    let balanced = try #require(PipelineLayout(decoders: [14, 13]))
    let notations: [LayoutNotation] = [.megatron("Et*14|t*13L"), .lists(lists), .counts("15+13"), .auto]
    let layouts = try notations.map { try $0.resolve(numLayers: 27, balanced: balanced).layout }
    #expect(layouts == Array(repeating: balanced, count: 4))
  }

  @Test func showsTheReadingTaken() throws {
    let reading = try LayoutNotation("8+7+7+6").resolve(numLayers: 27).reading
    #expect(reading == .counts(ReadCounts(counts: [8, 7, 7, 6], reading: .embeddingCounted)))
  }

  @Test func doesNotGuessWithoutCosts() {
    let error = #expect(throws: LayoutError.self) { try LayoutNotation.auto.resolve(numLayers: 27) }
    #expect(error == .autoWithoutCosts)
  }
}
