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

  /// The layout with its pipeline, what is wrong with it for 4 layers, and the byte that the first is about.
  @Test(
    arguments: [
      ("Ett|ttL", 2, [], nil),
      ("Ett|tt|L", 2, [.layoutStages(stages: 3, pipeline: 2)], nil),
      ("Ett|ttL", 1, [.layoutWithoutPipeline(stages: 2)], nil),
      ("", 1, [.layoutEmpty], nil),
      ("|", 2, [.layoutEmpty], nil),
      ("tEt|ttL", 2, [.embeddingNotFirst(.decoder, at: LayoutPosition(stage: 0, element: 0))], 0),
      (
        "Ett|ttLm", 2,
        [.lossNotLast(.mtp, at: LayoutPosition(stage: 1, element: 3)), .mtpCount(1, mtpNumLayers: nil)], 7
      ),
      ("Ett|Ett|L|", 4, [.embeddingCount(2, at: LayoutPosition(stage: 1, element: 0))], 4),
      ("Ett|ttLL", 2, [.lossCount(2, at: LayoutPosition(stage: 1, element: 3))], 7),
      ("Ett|tL", 2, [.decoderCount(3, numLayers: 4)], nil),
      ("Ett|ttmL", 2, [.mtpCount(1, mtpNumLayers: nil)], nil),
      ("|EttttL", 2, [], nil),
    ] as [(String, Int, [PipelineViolation], Int?)])
  func namesTheViolations(text: String, pipeline: Int, expected: [PipelineViolation], offset: Int?) throws {
    let written = try PipelineLayout.parse(megatron: text)
    let violations = written.layout.violations(numLayers: 4, pipeline: pipeline)
    #expect(violations == expected)
    let range = violations.first?.position.flatMap(written.range)
    #expect(range?.lowerBound == offset)
  }

  @Test(
    arguments: [
      (
        "Et|m|ttL|t", 2,
        [
          .lossNotLast(.decoder, at: LayoutPosition(stage: 3, element: 0)),
          .decoderAfterMTP(at: LayoutPosition(stage: 2, element: 0)),
          .mtpNotInLastChunk(at: LayoutPosition(stage: 1, element: 0)),
        ]
      ),
      ("Ettt|mtL", 2, [.decoderAfterMTP(at: LayoutPosition(stage: 1, element: 1))]),
      (
        "Ett|m|tt|L", 2,
        [
          .decoderAfterMTP(at: LayoutPosition(stage: 2, element: 0)),
          .mtpNotInLastChunk(at: LayoutPosition(stage: 1, element: 0)),
        ]
      ),
      ("Ett|tt|m|L", 2, []),
    ] as [(String, Int, [PipelineViolation])])
  func keepsMTPLayersTogetherAndLast(text: String, pipeline: Int, expected: [PipelineViolation]) throws {
    let layout = try PipelineLayout.parse(megatron: text).layout
    #expect(layout.violations(numLayers: 4, mtpNumLayers: 1, pipeline: pipeline) == expected)
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
