import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Topology

@testable import Estimation

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

  /// One graph of a whole iteration is launched once, as each release spells it; those of layers leave the experts.
  @Test func aGraphOfTheIterationLeavesNothingToTheHost() throws {
    let graph = Path.model.cudaGraphImplementation
    let (kind, layers) = (try estimate([(graph, "full_iteration")]), try estimate([(graph, "transformer_engine")]))
    #expect(abs(kind.time.host) < 1e-9 * kind.time.total)
    let eager = try estimate().time.host
    #expect(layers.time.host > 0 && layers.time.host < eager)
    var scope = Layer(name: "scope")
    scope.assign(Path.software.megatronBridge, "0.3.1", .program)
    scope.assign(graph, "local", .program)
    scope.assign(FieldPath("model", "cuda_graph_scope"), "full_iteration", .program)
    let config = LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer(), scope])
    #expect(CudaGraphs(config.model).holdWholeIteration)
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
    /// Masters without the bits that the bf16 weights hold, which the kernel keeps.
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
    case .remainders: layer.assign(Path.mixedPrecision.fp8Recipe, "delayed", .program)
    case .muon: break
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

  private static let shape = Architecture(LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer()]))

  private func layer(
    _ plan: RecomputePlan = .none, isMoE: Bool = true, changes: [(FieldPath, ConfigValue)] = [],
    peft: PEFTScheme? = nil
  ) -> LayerActivations {
    var layer = Layer(name: "test")
    for (path, value) in changes { layer.assign(path, value, .program) }
    let recipe = peft == nil ? Recipe.moonlight16BPretrain : .moonlight16BFinetune
    let config = LaunchConfig.resolve(
      [recipe.layer(RecipeChoices(model: .moonlight16BA3B, peft: peft)), layer])
    var settings = ActivationSettings(config, Assumptions())
    settings.recompute = plan
    return LayerActivations(
      Self.shape, isMoE: isMoE, settings,
      adapted: peft == nil ? [] : [.query, .keyValueDown, .keyValueUp, .output])
  }

  /// Bytes a token leaves in a MoE layer: 30,912 of attention (3,584 of them latents and their norm), 4,096 and 4,096 in
  /// front of the MLP, 16,896 of shared and 75,288 of routed experts, 1,908 of router and permutation.
  @Test(arguments: [
    (RecomputePlan.none, 133_196.0), (.selective([.coreAttention]), 133_132), (.selective([.layerNorm]), 125_004),
    (.selective([.mlaUpProjection]), 115_788), (.selective([.moeActivation]), 116_300),
    (.selective([.sharedExperts]), 116_300), (.selective([.layerNorm, .moeActivation]), 108_108),
    (.selective([.mlaUpProjection, .layerNorm, .moeActivation]), 90_700), (.selective([.moe]), 39_104),
    (.selective([.mlaUpProjection, .moe]), 21_696), (.full, 4096),
  ])
  func activationsOfAMoELayer(plan: RecomputePlan, bytes: Double) { #expect(layer(plan).kept.total == bytes) }

  /// MiB of a MoE layer of 4096 tokens on one rank with TP 1, and with TP 2 and sequence parallelism.
  @Test func activationsOfALayerOnARank() {
    let mebibytes = { (tensor: Int) in
      layer().kept.perRank(tensorParallel: tensor, sequenceParallel: tensor > 1) * 4096 / 1_048_576
    }
    #expect(abs(mebibytes(1) - 520.3) < 0.051)
    #expect(abs(mebibytes(2) - 260.1) < 0.051)
  }

  /// The norm in front of a dense MLP is part of its first matrix, which `layernorm` does not reach.
  @Test(arguments: [
    (RecomputePlan.none, 106_688.0), (.selective([.layerNorm]), 102_592), (.selective([.mlp]), 35_008),
  ])
  func activationsOfADenseLayer(plan: RecomputePlan, bytes: Double) {
    #expect(layer(plan, isMoE: false).kept.total == bytes)
  }

  /// Frozen linear modules keep their inputs for adapters alone: here attention's, 64 bytes a middle of dim 32.
  @Test func frozenWeightsKeepLess() {
    let attention = 30_912.0 + 4 * 64
    #expect(layer(isMoE: false, peft: .lora).kept.total == attention + 4096 + 45_056)
    #expect(layer(peft: .lora).kept.total == attention + 2 * 4096 + 11_264 + 6 * (5632 + 4) + 1908)
  }

  /// DoRA keeps the sum of both outputs besides, for its magnitudes.
  @Test func magnitudesKeepOutputs() {
    let outputs = 2.0 * (3072 + 576 + 4096 + 2048)
    #expect(layer(peft: .dora).kept.total == layer(peft: .lora).kept.total + outputs)
  }

  @Test(arguments: [
    ("core_attn", 16_384.0), ("attn_proj", 4096), ("expert_fc1", 24_576), ("moe_act", 33_816), ("attn_norm", 4096),
    ("mlp_norm", 4096), ("qkv_linear", 4096),
  ])
  func offloadedInputsWaitInTheHost(module: String, bytes: Double) {
    let offloading = layer(changes: [
      (Path.model.fineGrainedActivationOffloading, true), (FieldPath("model", "offload_modules"), [.string(module)]),
    ])
    #expect(offloading.offloaded.total == bytes)
    #expect(offloading.kept.total == layer().kept.total - bytes)
  }

  // MARK: State off the GPU

  private func memory(_ changes: [(FieldPath, ConfigValue)]) throws -> RankMemory {
    try #require(try estimate(changes).memory.worst)
  }

  /// Masters and states are in host memory, in fp32 with a copy of the gradients there.
  @Test(arguments: [0, 0.5, 1])
  func anOffloadedOptimizer(fraction: Double) throws {
    let whole = try memory([(Path.mixedPrecision.fp8Recipe, "delayed")]).state
    let offloaded = try memory([
      (Path.optimizer.optimizerCPUOffload, true), (Path.optimizer.optimizerOffloadFraction, .float(fraction)),
    ]).state
    #expect(abs(offloaded.optimizer - (1 - fraction) * whole.optimizer) < 1)
    #expect(abs(offloaded.host - fraction * whole.optimizer / 6 * 16) < 16)
    #expect((offloaded.weights, offloaded.gradients) == (whole.weights, whole.gradients))
  }

  /// Any other recipe keeps masters in fp32 apart, whether something is in fp8 or not; gradients are copied to fp32.
  @Test(arguments: [("tensorwise", 1.0, 4.0), ("blockwise", 1, 4), ("delayed", 0, 0)])
  func mastersApart(recipe: String, masters: Double, copies: Double) throws {
    let inKernel = try memory([(Path.mixedPrecision.fp8Recipe, "delayed")]).state
    let state = try memory([(Path.mixedPrecision.fp8Recipe, .string(recipe))]).state
    #expect(abs(state.optimizer - inKernel.optimizer / 6 * (6 + 2 * masters)) < 16)
    #expect(abs(state.gradientCopies - inKernel.optimizer / 6 * copies) < 16)
  }

  /// Experts have 2 replicas, all else 8.
  @Test(arguments: [
    (ShardingStrategy.noShard, 1.0, 1.0), (.optim, 1, 1), (.optimGrads, 1, 8), (.optimGradsParams, 8, 8),
  ])
  func shardsOfMegatronFSDP(strategy: ShardingStrategy, weights: Double, gradients: Double) throws {
    let rank = try memory([
      (Path.ddp.useMegatronFSDP, true), (Path.ddp.dataParallelShardingStrategy, .string(strategy.rawValue)),
    ])
    let (dense, experts) = (Double(rank.placement.dense), Double(rank.placement.experts))
    let share = { (sharing: Double) in dense / sharing + experts / min(sharing, 2) }
    #expect(abs(rank.state.weights - 2 * share(weights)) < 1)
    #expect(abs(rank.state.gradients - 2 * share(gradients)) < 1)
    #expect(abs(rank.state.optimizer - 8 * share(strategy == .noShard ? 1 : 8)) < 1)
    #expect((rank.gathered > 0) == (gradients > 1))
  }

  /// Two layers of activations, the first of them dense, wait in the host.
  @Test func layersWithActivationsInTheHost() throws {
    let offloading = try memory([
      (Path.model.cpuOffloading, true), (Path.model.cpuOffloadingNumLayers, 2),
      (Path.recompute.recomputeGranularity, .null), (Path.recompute.recomputeModules, .null),
    ])
    let whole = try memory([(Path.recompute.recomputeGranularity, .null), (Path.recompute.recomputeModules, .null)])
    #expect(offloading.offloadedActivations > 0)
    #expect(abs(whole.activations - offloading.activations - offloading.offloadedActivations) < 1)
    #expect(offloading.host == offloading.state.host + offloading.offloadedActivations)
  }

  /// Attention that no kernel fuses keeps its scores and passes them through memory, unless it is recomputed.
  @Test func unfusedAttentionWritesScores() throws {
    let none: [(FieldPath, ConfigValue)] = [
      (Path.recompute.recomputeGranularity, .null), (Path.recompute.recomputeModules, .null),
    ]
    let unfused: (FieldPath, ConfigValue) = (Path.model.attentionBackend, "unfused")
    let (fused, written) = (try estimate(none), try estimate(none + [unfused]))
    let tokens = 4096.0
    let scores = 27 * 16 * tokens * tokens * 2 / 2  // layers, heads, bf16, TP 2
    #expect(abs((written.memory.worst?.activations ?? 0) - (fused.memory.worst?.activations ?? 0) - scores) < 1e6)
    #expect(written.time.memory > fused.time.memory)
    let core: [(FieldPath, ConfigValue)] = [
      (Path.recompute.recomputeGranularity, "selective"), (Path.recompute.recomputeModules, ["core_attn"]),
    ]
    #expect(
      try memory(core + [unfused]).activations == (try memory(core).activations))
  }

  /// A routed expert's first matrix of 11 MiB takes 12 where it stands alone.
  @Test func blocksOfTheAllocator() {
    let mebibyte = 1_048_576.0
    #expect(AllocatedBlocks.lost(by: 11 * mebibyte) == mebibyte)
    #expect(AllocatedBlocks.lost(by: 12 * mebibyte) == 0)
    #expect(AllocatedBlocks.lost(by: 10.5 * mebibyte) == 0)
    #expect(AllocatedBlocks.lost(by: 5.5 * mebibyte) == 0)
  }
}
