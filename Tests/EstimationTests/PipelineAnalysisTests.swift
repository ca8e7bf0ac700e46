import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Topology

/// The worked layouts of Moonlight: 27 layers at 4096 and 8192 tokens.
@Suite struct PipelineAnalysisTests {
  static func config(_ overrides: [(FieldPath, ConfigValue)] = []) -> LaunchConfig {
    var layer = Layer(name: "test")
    for (path, value) in overrides { layer.assign(path, value, .program) }
    return LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer(), layer])
  }

  static func analysis(
    _ counts: [Int], pipeline: Int, virtualPipeline: Int? = nil, _ config: LaunchConfig = config(),
    microbatches: Int? = nil
  ) throws -> PipelineAnalysis {
    let layout = try #require(PipelineLayout(decoders: counts))
    let map = try StageMap(
      numLayers: 27, pipeline: pipeline, virtualPipeline: virtualPipeline, split: .layout(layout))
    return try PipelineAnalysis(
      of: map, config, weights: try #require(config.stageWeights), numMicrobatches: microbatches, vocabSize: 163_840)
  }

  static let documented: [(counts: [Int], pp: Int, vp: Int?, at4K: Double, at8K: Double, gain: Double)] = [
    ([14, 13], 2, nil, 0.922, 0.931, 1.06), ([7, 7, 7, 6], 4, nil, 0.798, 0.819, 1.20),
    ([7, 7, 7, 6], 2, 2, 0.922, 0.931, 1.06), ([4, 4, 4, 3, 3, 3, 3, 3], 8, nil, 0.58, 0.607, 1.44),
    ([7, 8, 8, 4], 4, nil, 0.956, 0.945, 1),
  ]

  @Test(arguments: documented)
  func layoutsHaveTheirEfficiency(
    counts: [Int], pp: Int, vp: Int?, at4K: Double, at8K: Double, gain: Double
  ) throws {
    let short = try Self.analysis(counts, pipeline: pp, virtualPipeline: vp)
    let long = try Self.analysis(
      counts, pipeline: pp, virtualPipeline: vp, Self.config([(Path.model.seqLength, 8192)]))
    #expect(abs(short.load.efficiency - at4K) < 6e-4)
    #expect(abs(long.load.efficiency - at8K) < 6e-4)
    let best = try #require(short.balanced)
    #expect(abs(best.gain - gain) < 6e-3)
    #expect(short.isBalanced == (best.gain < 1.0001))
  }

  @Test func aStageForTheHeadAloneIsOffered() throws {
    let analysis = try Self.analysis([3, 4, 4, 4, 4, 4, 3, 1], pipeline: 8)
    #expect(analysis.balanced?.gain == 1)
    let loose = try #require(analysis.balancedWithEmptyStages)
    #expect(loose.map.stages.map(\.numLayers) == [3, 4, 4, 4, 4, 4, 4, 0])
    #expect(abs(loose.load.efficiency - 0.956) < 6e-4)
    #expect(!analysis.isBalanced)
  }

  @Test func aLayoutWithEmptyStagesIsComparedToo() throws {
    let analysis = try Self.analysis([3, 4, 4, 4, 4, 4, 4, 0], pipeline: 8)
    #expect(try #require(analysis.balanced).gain < 1)
    #expect(analysis.isBalanced)
  }

  /// Bytes a token of one MoE layer.
  private static let moeLayer = 133_196.0

  /// Worked example of activations: TP 2 with sequence parallelism, 4096 tokens, nothing recomputed.
  @Test(arguments: [([7, 7, 7, 6], 7.0), ([8, 8, 7, 4], 8.0), ([7, 8, 8, 4], 7.0)])
  func theFirstStageKeepsFourMicrobatches(counts: [Int], gibibytes: Double) throws {
    let config = Self.config([(Path.recompute.recomputeGranularity, .null)])
    let analysis = try Self.analysis(counts, pipeline: 4, config)
    #expect(analysis.chunks.map(\.microbatchesInFlight) == [4, 3, 2, 1])
    let first = try #require(analysis.chunks[0].activationBytes)
    #expect(abs(first / 1_073_741_824 - gibibytes) < 0.2)
    let layer = (106_688 + Double(counts[0] - 1) * Self.moeLayer) * 4096 / 2
    #expect(abs(first - 4 * layer) < 1)
    // The backward pass of a layer comes on top.
    #expect(try #require(analysis.devices[0].activationBytes) > first)
  }

  @Test func theHeadKeepsItsLogits() throws {
    let config = Self.config([(Path.recompute.recomputeGranularity, .null)])
    let analysis = try Self.analysis([7, 8, 8, 4], pipeline: 4, config)
    let last = try #require(analysis.chunks[3].activationBytes)
    // Four layers, the norm in front of the head, and bf16 logits over half of the vocabulary; the fused loss keeps no
    // softmax.
    #expect(abs(last - ((4 * Self.moeLayer + 8192) * 2048 + 4096 * 81_920 * 2)) < 1)
  }

  @Test func fewMicrobatchesKeepLess() throws {
    let analysis = try Self.analysis([7, 8, 8, 4], pipeline: 4, microbatches: 2)
    #expect(analysis.chunks.map(\.microbatchesInFlight) == [2, 2, 2, 1])
  }

  @Test func manyMicrobatchesKeepNoMoreThanEnough() throws {
    for vp in [nil, 2] as [Int?] {
      let counts = vp == nil ? [7, 8, 8, 4] : [3, 4, 4, 4, 4, 4, 3, 1]
      let few = try Self.analysis(counts, pipeline: 4, virtualPipeline: vp)
      let many = try Self.analysis(counts, pipeline: 4, virtualPipeline: vp, microbatches: 512)
      #expect(few.devices == many.devices)
    }
  }

  @Test func parametersAddUpToTheModel() throws {
    for (counts, vp) in [([7, 8, 8, 4], nil), ([3, 4, 4, 4, 4, 4, 3, 1], 2)] as [([Int], Int?)] {
      let analysis = try Self.analysis(counts, pipeline: 4, virtualPipeline: vp)
      #expect(analysis.chunks.compactMap(\.parameters).reduce(0, +) == 15_960_108_544)
      #expect(abs(analysis.chunks.reduce(0) { $0 + $1.share } - 1) < 1e-12)
      #expect(abs(analysis.devices.reduce(0) { $0 + $1.share } - 1) < 1e-12)
    }
  }

  /// TP 2, EP 8: the facts' table of parameters a rank.
  @Test func parametersOfARank() throws {
    let analysis = try Self.analysis([7, 7, 7, 6], pipeline: 4)
    #expect(analysis.devices.map(\.parametersPerRank) == [722_632_192, 598_244_864, 598_244_864, 680_555_520])
  }

  @Test func anMTPLayerWeighsALayerAndAHead() throws {
    let config = Self.config([(Path.model.mtpNumLayers, 1)])
    let weights = try #require(config.stageWeights)
    // 12 h² for the projection over 561,515,520 operations of a MoE layer.
    #expect(abs(weights.mtp - (1 + weights.loss + (12.0 * 2048 * 2048 + 18 * 2048) / 561_515_520)) < 1e-12)
  }
}
