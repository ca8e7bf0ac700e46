import Testing

@testable import Topology

@Suite struct StageMapTests {
  /// Offset and count of every stage; `nil` where the split is refused.
  static func stages(
    _ numLayers: Int, pipeline: Int, virtualPipeline: Int? = nil, split: StageSplit = .even
  ) -> [[Int]]? {
    let map = try? StageMap(numLayers: numLayers, pipeline: pipeline, virtualPipeline: virtualPipeline, split: split)
    return map?.stages.map { [$0.firstLayer, $0.numLayers] }
  }

  @Test func buildsTheLayersThatMegatronBuilds() throws {
    let rows = try fixture("stage-maps")
    #expect(rows.count > 4_000)
    for row in rows {
      let split = try? StageSplit(
        layout: nil, first: row.int(3), last: row.int(4), accountForEmbedding: row.int(5) == 1,
        accountForLoss: row.int(6) == 1)
      let stages = split.flatMap {
        Self.stages(row.int(0)!, pipeline: row.int(1)!, virtualPipeline: row.int(2), split: $0)
      }
      // What Megatron accepts without building every layer once ("broken") is refused here.
      #expect(stages == row[7] as? [[Int]], "\(row)")
    }
  }

  @Test func buildsTheLayersOfALayout() throws {
    for row in try fixture("stage-layouts") {
      let layout = try PipelineLayout.parse(megatron: row.string(0)!).layout
      let stages = Self.stages(layout.count(of: .decoder), pipeline: row.int(1)!, split: .layout(layout))
      #expect(stages == row[2] as? [[Int]], "\(row)")
    }
  }

  /// Layers, pipeline, virtual pipeline, split, and what is wrong with it.
  @Test(
    arguments: [
      (27, 2, nil, .even, .evenSplit(numLayers: 27, pipeline: 2)),
      (28, 2, 3, .even, .evenVirtualSplit(layersPerRank: 14, virtualPipeline: 3)),
      (28, 1, 1, .even, .virtualWithoutPipeline(virtualPipeline: 1)),
      (27, 4, nil, .edges(first: 0, last: nil), .edgeNotPositive(.first, 0)),
      (27, 4, 2, .edges(first: 3, last: nil), .edgeVirtualSplit(.first, 3, virtualPipeline: 2)),
      (27, 4, nil, .edges(first: 5, last: nil), .middleSplit(layers: 22, stages: 3)),
      (27, 2, nil, .edges(first: 5, last: 5), .middleMismatch(layers: 17, stages: 0)),
      (27, 4, nil, .edges(first: 30, last: 5), .middleNegative(layers: -8, stages: 2)),
      (27, 4, nil, .edges(first: .max, last: .max), .middleNegative(layers: .min, stages: 2)),
      (27, 1, nil, .edges(first: 10, last: 10), .middleNegative(layers: 7, stages: -1)),
      (28, 2, 2, .edges(first: 14, last: 14), .edgesWithoutMiddleInterleaved(virtualPipeline: 2)),
      (27, 4, nil, .accounting(embedding: true, loss: true), .accountingSplit(slots: 29, pipeline: 4)),
      (
        27, 4, 2, .accounting(embedding: true, loss: false),
        .accountingVirtualSplit(slotsPerRank: 7, virtualPipeline: 2)
      ),
      (.max, 1, nil, .accounting(embedding: true, loss: true), .numLayersOutOfRange(.max)),
      (-1, 1, nil, .even, .numLayersOutOfRange(-1)),
      (27, .max, nil, .even, .tooManyStages(pipeline: .max, virtualPipeline: 1)),
      (27, .max, .max, .even, .tooManyStages(pipeline: .max, virtualPipeline: .max)),
      (27, 0, nil, .even, .sizeNotPositive(.pipeline, 0)),
      (27, 2, .min, .even, .sizeNotPositive(.virtualPipeline, .min)),
    ] as [(Int, Int, Int?, StageSplit, PipelineViolation)])
  func namesTheViolation(
    numLayers: Int, pipeline: Int, virtualPipeline: Int?, split: StageSplit, violation: PipelineViolation
  ) {
    let violations = split.violations(numLayers: numLayers, pipeline: pipeline, virtualPipeline: virtualPipeline)
    #expect(violations == [violation])
  }

  @Test func allowsOneWayToSplitOnly() throws {
    let layout = try #require(PipelineLayout(decoders: [14, 13]))
    let both = #expect(throws: PipelineViolation.self) {
      try StageSplit(layout: layout, first: 14, last: nil, accountForEmbedding: false, accountForLoss: false)
    }
    #expect(both == .layoutWithOtherSplit)
    let edges = #expect(throws: PipelineViolation.self) {
      try StageSplit(layout: nil, first: 14, last: nil, accountForEmbedding: false, accountForLoss: true)
    }
    #expect(edges == .edgesWithAccounting)
  }

  @Test func marksTheEnds() throws {
    let map = try StageMap(numLayers: 8, mtpNumLayers: 1, pipeline: 2, virtualPipeline: 2)
    #expect(map.stages.map(\.embedding) == [true, false, false, false])
    #expect(map.stages.map(\.loss) == [false, false, false, true])
    #expect(map.stages.map(\.mtp) == [0, 0, 0, 1])
    #expect(map.stages.map { [$0.pp, $0.vp] } == [[0, 0], [1, 0], [0, 1], [1, 1]])
    #expect(map.stage(pp: 1, vp: 1)?.layers == 6..<8)
    #expect(map.chunks(pp: 0).map(\.layers) == [0..<2, 4..<6])
    #expect(map.stage(pp: 2) == nil)
  }

  @Test func findsTheVirtualStagesOfALayout() throws {
    let layout = try PipelineLayout.parse(megatron: "Et*7|t*7|t*7|t*6L").layout
    let plain = try StageMap(numLayers: 27, pipeline: 4, split: .layout(layout))
    #expect(plain.virtualPipeline == nil)
    let virtual = try StageMap(numLayers: 27, pipeline: 2, split: .layout(layout))
    #expect(virtual.virtualPipeline == 2)
    #expect(virtual.chunks(pp: 1).map(\.numLayers) == [7, 6])
  }

  @Test func canBeWrittenAsALayout() throws {
    let map = try StageMap(numLayers: 27, pipeline: 4, split: .edges(first: 6, last: nil))
    #expect(map.layout.megatronString == "Et*6|t*7|t*7|t*7L")
    #expect(try StageMap(numLayers: 27, pipeline: 4, split: .layout(map.layout)).stages == map.stages)
  }
}
