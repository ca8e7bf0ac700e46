import Testing

@testable import Topology

@Suite struct BalancedLayoutTests {
  /// Moonlight at 4096 tokens, in MoE layers: one dense layer, 26 MoE layers, and the head.
  static let moonlight = StageWeights(
    layers: [0.9986] + [Double](repeating: 1, count: 26), loss: 3.585,
    layerActivations: [106_688] + [Double](repeating: 132_056, count: 26))

  /// Pipeline, virtual pipeline, whether stages may be empty, the decoders of each stage, the maximum load and the
  /// efficiency.
  @Test(
    arguments: [
      (1, nil, false, [27], 30.5836, 1),
      (2, nil, false, [15, 12], 15.585, 0.981),
      (4, nil, false, [7, 8, 8, 4], 8, 0.956),
      (8, nil, true, [3, 4, 4, 4, 4, 4, 4, 0], 4, 0.956),
      (8, nil, false, [3, 3, 4, 4, 4, 4, 4, 1], 4.585, 0.834),
      (2, 2, false, [7, 8, 8, 4], 15.585, 0.981),
      (4, 2, true, [3, 4, 4, 4, 4, 4, 4, 0], 8, 0.956),
      (4, 2, false, [3, 4, 4, 3, 4, 4, 4, 1], 8, 0.956),
    ] as [(Int, Int?, Bool, [Int], Double, Double)])
  func balancesMoonlight(
    pipeline: Int, virtualPipeline: Int?, allowEmptyStages: Bool, decoders: [Int], maximum: Double, efficiency: Double
  ) throws {
    let balanced = try BalancedLayout(
      weights: Self.moonlight, pipeline: pipeline, virtualPipeline: virtualPipeline,
      allowEmptyStages: allowEmptyStages)
    #expect(balanced.decoders == decoders)
    #expect(balanced.isProven)
    #expect(abs(balanced.load.maximum - maximum) < 1e-9)
    #expect(abs(balanced.load.efficiency - efficiency) < 0.0005)
    let violations = balanced.layout.violations(
      numLayers: 27, pipeline: pipeline, virtualPipeline: virtualPipeline)
    #expect(violations.isEmpty)
  }

  @Test(
    arguments: [([7, 7, 7, 6], nil, 4, 9.585, 0.798), ([7, 7, 7, 6], 2, 2, 16.585, 0.922)]
      as [([Int], Int?, Int, Double, Double)])
  func measuresTheDocumentedLayouts(
    decoders: [Int], virtualPipeline: Int?, pipeline: Int, maximum: Double, efficiency: Double
  ) throws {
    let layout = try #require(PipelineLayout(decoders: decoders))
    let map = try StageMap(
      numLayers: 27, pipeline: pipeline, virtualPipeline: virtualPipeline, split: .layout(layout))
    let load = try PipelineLoad(of: map, weights: Self.moonlight)
    #expect(abs(load.maximum - maximum) < 1e-9)
    #expect(abs(load.efficiency - efficiency) < 0.0005)
  }

  @Test(
    arguments: [(4, 1, [4, 3, 2, 1]), (4, 2, [5.5, 4.5, 3.5, 2.5]), (2, 2, [2.5, 1.5])] as [(Int, Int, [Double])])
  func countsMicrobatchesInFlight(pipeline: Int, virtualPipeline: Int, inFlight: [Double]) {
    let counted = (0..<pipeline).map {
      microbatchesInFlight(rank: $0, pipeline: pipeline, virtualPipeline: virtualPipeline)
    }
    #expect(counted == inFlight)
  }

  @Test func putsMTPLayersOnTheLastStage() throws {
    let weights = StageWeights(layers: [Double](repeating: 1, count: 12), loss: 1, mtp: 2)
    let balanced = try BalancedLayout(weights: weights, mtpNumLayers: 1, pipeline: 3)
    #expect(balanced.layout.megatronString == "Et*5|t*5|ttmL")
    #expect(balanced.load.devices == [5, 5, 5])
  }

  @Test func balancesAHundredLayersOnManyStagesInstantly() throws {
    let weights = StageWeights(
      layers: [0.99, 0.99, 0.99] + [Double](repeating: 1, count: 125), embedding: 0.1, loss: 3.6)
    let clock = ContinuousClock()
    for allowEmptyStages in [true, false] {
      let elapsed = try clock.measure {
        let balanced = try BalancedLayout(
          weights: weights, pipeline: 32, virtualPipeline: 4, allowEmptyStages: allowEmptyStages)
        #expect(balanced.isProven)
      }
      // A debug build is some twenty times slower than a release build.
      #expect(elapsed < .seconds(10))
    }
  }

  @Test(
    arguments: [
      (1, 1, .virtualWithoutPipeline(virtualPipeline: 1)),
      (0, nil, .sizeNotPositive(.pipeline, 0)),
      (2, .min, .sizeNotPositive(.virtualPipeline, .min)),
      (.max, .max, .tooManyStages(pipeline: .max, virtualPipeline: .max)),
      (2, 14, .moreStagesThanLayers(stages: 28, layers: 27)),
    ] as [(Int, Int?, BalanceError)])
  func refusesSizes(pipeline: Int, virtualPipeline: Int?, error: BalanceError) {
    #expect(throws: error) {
      try BalancedLayout(weights: Self.moonlight, pipeline: pipeline, virtualPipeline: virtualPipeline)
    }
  }

  @Test(arguments: [Double.nan, .infinity, -1, 1e300])
  func refusesUnusableWeights(weight: Double) {
    var weights = Self.moonlight
    weights.layers[3] = weight
    let error = #expect(throws: BalanceError.self) { try BalancedLayout(weights: weights, pipeline: 4) }
    guard case .unusableWeight(name: "layer 3", _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func copesWithWeightsOfNothing() throws {
    let weights = StageWeights(layers: [Double](repeating: 0, count: 8), loss: 0)
    for virtualPipeline in [nil, 2] {
      let balanced = try BalancedLayout(weights: weights, pipeline: 2, virtualPipeline: virtualPipeline)
      #expect(balanced.decoders.reduce(0, +) == 8)
      #expect(balanced.load.efficiency == 1)
    }
  }
}
