import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Topology

/// The worked numbers of the documented pretraining run: TP 2, PP 1, EP 8, 4096 tokens, 2048 sequences.
@Suite struct EstimateTests {
  private func estimate(_ overrides: [(FieldPath, ConfigValue)] = [], worldSize: Int = 16) throws -> Estimate {
    var layer = Layer(name: "test")
    for (path, value) in overrides { layer.assign(path, value, .program) }
    let config = LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer(), layer])
    let tensor = config.parallelism.tensorModelParallelSize
    return try #require(
      Estimate(
        config, vocabSize: 163_840, stages: try StageMap(numLayers: 27, pipeline: 1), worldSize: worldSize,
        dataParallel: worldSize / tensor, expertDataParallel: worldSize / 8,
        numMicrobatches: 2048 / (worldSize / tensor), steps: 500_000))
  }

  @Test func operationsOfAStep() throws {
    let estimate = try estimate()
    #expect(estimate.step.perToken == 17_152_951_296)
    #expect(estimate.step.perStep == 1.438893844652e17 || abs(estimate.step.perStep / 1.438893844652e17 - 1) < 1e-12)
    let long = try self.estimate([(Path.model.seqLength, 8192)])
    #expect(long.step.perToken == 18_851_644_416)
  }

  @Test(arguments: [(16, 26_202.39, 5_620.02), (8, 37_620.46, 5_620.02)])
  func megatronsOwnReport(worldSize: Int, weights: Double, activations: Double) throws {
    let report = try estimate(worldSize: worldSize).megatronMemory
    #expect(abs(report.weightsAndOptimizer / 1_048_576 - weights) < 0.01)
    #expect(abs(report.activations / 1_048_576 - activations) < 0.01)
  }

  @Test func megatronsOwnReportWithoutTensorParallelism() throws {
    let report = try estimate([
      (Path.parallelism.tensorModelParallelSize, 1), (Path.parallelism.sequenceParallel, true),
    ])
    #expect(abs(report.megatronMemory.weightsAndOptimizer / 1_048_576 - 30_668.03) < 0.01)
    #expect(abs(report.megatronMemory.activations / 1_048_576 - 11_240.03) < 0.01)
  }

  /// The page of Megatron-Bridge: 8 shared experts, width 10944, vocabulary 151936, padded by that run to 153600.
  @Test func megatronsOwnReportOfTheDocumentedModel() throws {
    let config = LaunchConfig.resolve(
      [Recipe.moonlight16BPretrain.layer(RecipeChoices(model: .moonlight16BA3BDocumented))])
    let report = try #require(
      MegatronMemoryReport(
        config, Architecture(config), vocabSize: 153_600, virtualPipeline: nil, dataParallel: 8, expertDataParallel: 2,
        numMicrobatches: 256))
    #expect(abs(report.weightsAndOptimizer / 1_048_576 - 30_871.61) < 0.01)
    #expect(abs(report.activations / 1_048_576 - 5_472.52) < 0.01)
  }

  /// A layout, and the GiB of weights, gradients and optimizer on its first pipeline ranks, or on all.
  struct StateRow: Sendable {
    let tensor: Int, expert: Int, worldSize: Int
    var layout: String?
    let storage: Storage
    let gibibytes: [Double]

    init(
      _ tensor: Int, _ expert: Int, _ worldSize: Int, _ storage: Storage, _ gibibytes: [Double], layout: String? = nil
    ) {
      (self.tensor, self.expert, self.worldSize, self.layout) = (tensor, expert, worldSize, layout)
      (self.storage, self.gibibytes) = (storage, gibibytes)
    }
  }

  /// How parameters are kept while they are trained.
  enum Storage: Sendable {
    /// Adam, gradients and states in fp32.
    case plain
    /// Gradients and moments in bf16, masters in fp32.
    case precisionAware
    /// Masters without the bits that the bf16 weights hold.
    case remainders
    /// Muon with fp32 momentum on matrices, AdamW on the rest.
    case muon
  }

  @Test(arguments: [
    StateRow(2, 8, 8, .plain, [36.87]), StateRow(2, 8, 8, .precisionAware, [24.58]),
    StateRow(2, 8, 8, .remainders, [20.86]), StateRow(2, 8, 8, .muon, [29.74]),
    StateRow(2, 8, 16, .plain, [25.70]), StateRow(2, 8, 16, .precisionAware, [17.13]),
    StateRow(2, 8, 16, .remainders, [15.27]), StateRow(2, 8, 16, .muon, [22.13]),
    StateRow(1, 8, 16, .plain, [29.95]), StateRow(1, 8, 16, .precisionAware, [19.97]),
    StateRow(1, 8, 16, .muon, [26.39]), StateRow(1, 8, 8, .plain, [41.10]),
    StateRow(1, 8, 8, .precisionAware, [27.40]), StateRow(1, 8, 8, .muon, [33.98]),
    StateRow(4, 4, 8, .plain, [33.85], layout: "Et*14|t*13L"),
    StateRow(4, 4, 8, .precisionAware, [22.57], layout: "Et*14|t*13L"),
    StateRow(4, 4, 8, .muon, [26.64], layout: "Et*14|t*13L"),
    StateRow(2, 8, 64, .plain, [6.79, 6.21, 6.21, 6.49], layout: "Et*7|t*7|t*7|t*6L"),
    StateRow(2, 8, 64, .precisionAware, [4.53, 4.14, 4.14, 4.33], layout: "Et*7|t*7|t*7|t*6L"),
    StateRow(2, 8, 64, .muon, [5.95, 5.25, 5.25, 5.68], layout: "Et*7|t*7|t*7|t*6L"),
  ])
  func modelState(row: StateRow) throws {
    var layer = Layer(name: "test")
    layer.assign(Path.parallelism.tensorModelParallelSize, .int(row.tensor), .program)
    layer.assign(Path.parallelism.expertModelParallelSize, .int(row.expert), .program)
    switch row.storage {
    case .plain:
      layer.assign(Path.optimizer.usePrecisionAwareOptimizer, false, .program)
      layer.assign(Path.mixedPrecision.gradReduceInFP32, true, .program)
    case .precisionAware: layer.assign(Path.optimizer.storeParamRemainders, false, .program)
    case .remainders, .muon: break
    }
    let recipe = row.storage == .muon ? Recipe.moonlight16BPretrainMuon : .moonlight16BPretrain
    let config = LaunchConfig.resolve([recipe.layer(), layer])
    let split = try row.layout.map { StageSplit.layout(try PipelineLayout.parse(megatron: $0).layout) } ?? .even
    let pipeline = row.layout.map { $0.split(separator: "|").count } ?? 1
    let stages = try StageMap(numLayers: 27, pipeline: pipeline, split: split)
    let memory = try #require(
      MemoryEstimate(
        config, Architecture(config), vocabSize: 163_840, stages: stages,
        dataParallel: row.worldSize / row.tensor / pipeline, expertDataParallel: row.worldSize / row.expert / pipeline,
        numMicrobatches: 256))
    for (rank, gibibytes) in zip(memory.ranks, row.gibibytes) {
      #expect(abs(rank.state.total / 1_073_741_824 - gibibytes) < 0.0051)
    }
  }

  /// Bytes a token leaves in a MoE layer.
  @Test(arguments: [
    (RecomputePlan.none, 132_056.0), (.selective([.coreAttention]), 131_992), (.selective([.layerNorm]), 123_864),
    (.selective([.mlaUpProjection]), 115_672), (.selective([.moeActivation]), 115_160),
    (.selective([.sharedExperts]), 115_160), (.selective([.layerNorm, .moeActivation]), 106_968),
    (.selective([.mlaUpProjection, .layerNorm, .moeActivation]), 90_584), (.selective([.moe]), 39_104),
    (.selective([.mlaUpProjection, .moe]), 22_720), (.full, 4096),
  ])
  func activationsOfAMoELayer(plan: RecomputePlan, bytes: Double) {
    let shape = Architecture(LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer()]))
    #expect(ActivationBytes(shape, isMoE: true, recompute: plan, sequenceLength: 4096).total == bytes)
  }

  /// MiB of a MoE layer of 4096 tokens on one rank with TP 1, and with TP 2 and sequence parallelism.
  @Test(arguments: [
    (RecomputePlan.none, 515.8, 257.9), (.selective([.coreAttention]), 515.6, 257.8),
    (.selective([.layerNorm]), 483.8, 241.9), (.selective([.mlaUpProjection]), 451.8, 225.9),
    (.selective([.moeActivation]), 449.8, 224.9), (.selective([.sharedExperts]), 449.8, 224.9),
    (.selective([.layerNorm, .moeActivation]), 417.8, 208.9),
    (.selective([.mlaUpProjection, .layerNorm, .moeActivation]), 353.8, 176.9), (.selective([.moe]), 152.8, 76.4),
    (.selective([.mlaUpProjection, .moe]), 88.8, 44.4), (.full, 16, 8),
  ])
  func activationsOfALayerOnARank(plan: RecomputePlan, alone: Double, shared: Double) {
    let shape = Architecture(LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer()]))
    let bytes = ActivationBytes(shape, isMoE: true, recompute: plan, sequenceLength: 4096)
    let mebibytes = { (tensor: Int) in
      bytes.perRank(tensorParallel: tensor, sequenceParallel: tensor > 1) * 4096 / 1_048_576
    }
    #expect(abs(mebibytes(1) - alone) < 0.051)
    #expect(abs(mebibytes(2) - shared) < 0.051)
  }

  @Test func activationsOfADenseLayer() {
    let shape = Architecture(LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer()]))
    let bytes = ActivationBytes(shape, isMoE: false, recompute: .none, sequenceLength: 4096)
    #expect(bytes.total == 106_688)
    #expect(bytes.sequence == 18_560)
  }
}
