import TestSupport
import Testing

@testable import Topology

/// The balanced layouts against all layouts there are, on random small models.
@Suite struct BalanceOptimalityTests {
  struct Instance {
    var weights: StageWeights
    var pipeline: Int
    var virtualPipeline: Int?
    var allowEmptyStages: Bool
    var mtp: Int
  }

  /// Every split of the layers into this many chunks.
  static func splits(_ layers: Int, _ chunks: Int, minimum: Int) -> [[Int]] {
    if chunks == 1 { return layers >= minimum ? [[layers]] : [] }
    guard layers >= minimum * chunks else { return [] }
    return (minimum...layers - minimum * (chunks - 1)).flatMap { first in
      splits(layers - first, chunks - 1, minimum: minimum).map { [first] + $0 }
    }
  }

  /// The least maximum load, the least activations at that load, and the least penalty at those.
  static func best(_ instance: Instance) throws -> (load: Double, activations: Double, penalty: Int) {
    let stages = instance.pipeline * (instance.virtualPipeline ?? 1)
    let minimum = instance.allowEmptyStages ? 0 : 1
    let loads = try splits(instance.weights.layers.count, stages, minimum: minimum).map { decoders in
      (decoders: decoders, load: try Self.load(of: decoders, instance))
    }
    let tolerance = 1 + 1e-9
    let least = loads.map(\.load.maximum).min()!
    let light = loads.filter { $0.load.maximum <= least * tolerance }
    let activations = light.map(\.load.peakActivations).min()!
    let small = light.filter { $0.load.peakActivations <= activations * tolerance }
    let evenness = try Self.evenness(instance, bound: least)
    return (least, activations, small.map { evenness.penalty($0.decoders) }.min()!)
  }

  static func evenness(_ instance: Instance, bound: Double) throws -> Evenness {
    let problem = try BalanceProblem(
      weights: instance.weights, mtpNumLayers: instance.mtp, pipeline: instance.pipeline,
      virtualPipeline: instance.virtualPipeline, minimum: 0)
    return Evenness(problem, bound: bound)
  }

  static func load(of decoders: [Int], _ instance: Instance) throws -> PipelineLoad {
    let mtp = decoders.indices.map { $0 == decoders.count - 1 ? instance.mtp : 0 }
    let map = StageMap(
      decoders: decoders, mtp: mtp, pipeline: instance.pipeline, virtualPipeline: instance.virtualPipeline)
    return try PipelineLoad(of: map, weights: instance.weights)
  }

  func check(_ instance: Instance) throws {
    let balanced = try BalancedLayout(
      weights: instance.weights, mtpNumLayers: instance.mtp, pipeline: instance.pipeline,
      virtualPipeline: instance.virtualPipeline, allowEmptyStages: instance.allowEmptyStages)
    let best = try Self.best(instance)
    #expect(balanced.isProven, "\(instance)")
    #expect(abs(balanced.load.maximum - best.load) <= best.load * 2e-9, "\(instance)")
    #expect(abs(balanced.load.peakActivations - best.activations) <= best.activations * 2e-9, "\(instance)")
    let penalty = try Self.evenness(instance, bound: best.load).penalty(balanced.decoders)
    #expect(penalty == best.penalty, "\(instance) \(balanced.decoders)")
  }

  func sizes(_ generator: inout SeededGenerator, stages: ClosedRange<Int>) -> (pipeline: Int, virtualPipeline: Int?) {
    let all =
      [(1, nil), (2, nil), (3, nil), (4, nil), (5, nil), (2, 1), (2, 2), (3, 2), (2, 3), (4, 2)]
      .filter { stages.contains($0.0 * ($0.1 ?? 1)) } as [(Int, Int?)]
    return all.randomElement(using: &generator)!
  }

  @Test(arguments: 0..<12)
  func aChainOfAnyCosts(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<10 {
      let layers = Int.random(in: 5...10, using: &generator)
      let isWhole = Bool.random(using: &generator)
      let cost = { (generator: inout SeededGenerator) in
        isWhole ? Double(Int.random(in: 0...4, using: &generator)) : Double.random(in: 0...3, using: &generator)
      }
      let instance = Instance(
        weights: StageWeights(
          layers: (0..<layers).map { _ in cost(&generator) }, embedding: cost(&generator), loss: cost(&generator),
          layerActivations: Bool.random(using: &generator) ? nil : (0..<layers).map { _ in cost(&generator) },
          embeddingActivations: cost(&generator), lossActivations: cost(&generator)),
        pipeline: Int.random(in: 1...5, using: &generator), virtualPipeline: nil,
        allowEmptyStages: Bool.random(using: &generator), mtp: Int.random(in: 0...1, using: &generator))
      try check(instance)
    }
  }

  @Test(arguments: 0..<12)
  func twoKindsOfLayersOnVirtualStages(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(1_000 + seed))
    for _ in 0..<8 {
      let layers = Int.random(in: 8...10, using: &generator)
      let dense = Int.random(in: 0...4, using: &generator)
      let isWhole = Bool.random(using: &generator)
      let cost = { (generator: inout SeededGenerator) in
        isWhole ? Double(Int.random(in: 0...4, using: &generator)) : Double.random(in: 0...3, using: &generator)
      }
      let costs = (cost(&generator), cost(&generator))
      let activations = (cost(&generator), cost(&generator))
      let (pipeline, virtualPipeline) = sizes(&generator, stages: 2...8)
      let kinds = { (pair: (Double, Double)) in (0..<layers).map { $0 < dense ? pair.0 : pair.1 } }
      let instance = Instance(
        weights: StageWeights(
          layers: kinds(costs), embedding: cost(&generator), loss: cost(&generator) * 2,
          layerActivations: Bool.random(using: &generator) ? nil : kinds(activations),
          embeddingActivations: cost(&generator), lossActivations: cost(&generator)),
        pipeline: pipeline, virtualPipeline: virtualPipeline,
        allowEmptyStages: pipeline * (virtualPipeline ?? 1) < 8 && Bool.random(using: &generator), mtp: 0)
      try check(instance)
    }
  }

  @Test(arguments: 0..<6)
  func anyCostsOnVirtualStages(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(2_000 + seed))
    for _ in 0..<8 {
      let layers = Int.random(in: 6...10, using: &generator)
      let (pipeline, virtualPipeline) = sizes(&generator, stages: 4...6)
      let instance = Instance(
        weights: StageWeights(
          layers: (0..<layers).map { _ in Double(Int.random(in: 1...5, using: &generator)) },
          embedding: Double.random(in: 0...2, using: &generator), loss: Double.random(in: 0...4, using: &generator)),
        pipeline: pipeline, virtualPipeline: virtualPipeline, allowEmptyStages: Bool.random(using: &generator), mtp: 0)
      try check(instance)
    }
  }

  @Test func alternatingLayersGetAGoodSplitOrAProof() throws {
    let layers = (0..<60).map { $0 % 2 == 0 ? 1.0 : 1.7 }
    let weights = StageWeights(layers: layers, loss: 3)
    let balanced = try BalancedLayout(weights: weights, pipeline: 8, virtualPipeline: 3)
    #expect(balanced.decoders.reduce(0, +) == 60)
    #expect(balanced.load.efficiency > 0.93)
  }
}
