import Testing

@testable import Topology

@Suite struct LayoutChecksTests {
  @Test func acceptsWhatMegatronAccepts() throws {
    let rows = try fixture("layout-checks")
    #expect(rows.count > 1_500)
    for row in rows {
      let text = try #require(row.string(0))
      let layout = try PipelineLayout.parse(megatron: text).layout
      let pipeline = try #require(row.int(1))
      let violations = layout.violations(
        numLayers: try #require(row.int(3)), mtpNumLayers: row.int(4), pipeline: pipeline, virtualPipeline: row.int(2))
      let verdict = violations.isEmpty ? (layout.isMTPStandalone(pipeline: pipeline) ? 2 : 1) : 0
      #expect(verdict == row.int(5), "\(row): \(violations)")
    }
  }

  /// The layout with its pipeline, the codes of the rules it breaks for 4 layers, and the byte that the first is about.
  @Test(
    arguments: [
      ("Ett|ttL", 2, [], nil),
      ("Ett|tt|L", 2, ["PIPE-13"], nil),
      ("Ett|ttL", 1, ["PIPE-14"], nil),
      ("", 1, ["PIPE-15"], nil),
      ("|", 2, ["PIPE-15"], nil),
      ("tEt|ttL", 2, ["PIPE-15"], 0),
      ("Ett|ttLm", 2, ["PIPE-15", "PIPE-16"], 7),
      ("Ett|Ett|L|", 4, ["PIPE-15"], 4),
      ("Ett|ttLL", 2, ["PIPE-15"], 7),
      ("Ett|tL", 2, ["PIPE-16"], nil),
      ("Ett|ttmL", 2, ["PIPE-16"], nil),
      ("|EttttL", 2, [], nil),
    ] as [(String, Int, [String], Int?)])
  func namesTheRule(text: String, pipeline: Int, codes: [String], offset: Int?) throws {
    let written = try PipelineLayout.parse(megatron: text)
    let violations = written.layout.violations(numLayers: 4, pipeline: pipeline)
    #expect(violations.map(\.code) == codes)
    let range = violations.first?.position.flatMap(written.range)
    #expect(range?.lowerBound == offset)
  }

  @Test(arguments: [
    ("Et|m|ttL|t", 2, ["PIPE-15", "PIPE-17", "PIPE-17"]),
    ("Ettt|mtL", 2, ["PIPE-17"]),
    ("Ett|m|tt|L", 2, ["PIPE-17", "PIPE-17"]),
    ("Ett|tt|m|L", 2, []),
  ])
  func keepsMTPLayersTogetherAndLast(text: String, pipeline: Int, codes: [String]) throws {
    let layout = try PipelineLayout.parse(megatron: text).layout
    #expect(layout.violations(numLayers: 4, mtpNumLayers: 1, pipeline: pipeline).map(\.code) == codes)
  }

  @Test func tellsWhereTheEndsAreMisplaced() throws {
    let layout = try PipelineLayout.parse(megatron: "|Et|tL|").layout
    #expect(layout.misplacedEnds == [LayoutPosition(stage: 1, element: 0), LayoutPosition(stage: 2, element: 1)])
    #expect(PipelineLayout(decoders: [1, 1])?.misplacedEnds == [])
  }

  @Test(arguments: [Int.min, -1, 0, Int.max])
  func survivesAnySize(size: Int) throws {
    let layout = try #require(PipelineLayout(decoders: [2, 2]))
    #expect(!layout.violations(numLayers: 4, pipeline: size).isEmpty)
    #expect(!layout.violations(numLayers: size, pipeline: 2).isEmpty)
    #expect(!layout.violations(numLayers: 4, mtpNumLayers: 1, pipeline: 2, virtualPipeline: size).isEmpty)
  }
}
