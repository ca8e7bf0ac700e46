import ConfigDocument
import Diagnostics
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import TestSupport
import Testing
import Topology
import Validation

@testable import Planning

/// What rules say that their errors depend on, against what they find: two choices that look the same to a rule get the
/// same verdict.
@Suite struct RuleReachTests {
  /// Settings that wake rules which sleep in the recipes.
  static let bases: [(name: String, base: LaunchConfig)] = [
    ("pretraining", PlanBases.base()),
    ("Muon", PlanBases.base(.moonlight16BPretrainMuon)),
    ("all weights", PlanBases.base(.moonlight16BFinetune, peft: nil)),
    ("LoRA", PlanBases.base(.moonlight16BFinetune, peft: .lora)),
    ("DoRA", PlanBases.base(.moonlight16BFinetune, peft: .dora)),
    (
      "LoRA on experts",
      PlanBases.base(
        .moonlight16BFinetune, peft: .lora,
        [(Path.peft.targetModules, ["linear_fc1", "linear_fc2"]), (Path.peft.dim, 12)])
    ),
    ("data last", PlanBases.base(.moonlight16BPretrain, [(Path.dist.useTPPPDPMapping, true)])),
    (
      "optimizer instances",
      PlanBases.base(.moonlight16BPretrain, [(Path.ddp.numDistributedOptimizerInstances, 2)])
    ),
    (
      "flexible dispatcher",
      PlanBases.base(
        .moonlight16BPretrain,
        [(Path.model.moeTokenDispatcherType, "flex"), (Path.model.moeSharedExpertOverlap, false)])
    ),
    (
      "overlapped experts",
      PlanBases.base(
        .moonlight16BPretrain,
        [
          (Path.commOverlap.whole, .null), (Path.model.overlapMoEExpertParallelComm, true),
          (Path.model.moeSharedExpertOverlap, false),
        ])
    ),
    (
      "overlapped transfers",
      PlanBases.base(
        .moonlight16BPretrain,
        [(Path.commOverlap.whole, .null), (Path.model.overlapP2PComm, true), (Path.model.batchP2PComm, true)])
    ),
    (
      "biases",
      PlanBases.base(
        .moonlight16BPretrain,
        [(Path.model.addBiasLinear, true), (Path.model.moeSharedExpertIntermediateSize, .null)])
    ),
    (
      "ramp-up",
      PlanBases.base(
        .moonlight16BPretrain,
        [
          (Path.train.rampupBatchSize, [32, 32, 100_000]), (Path.train.trainIters, .null),
          (Path.train.trainSamples, 1_000_000),
        ], for: .bridge031)
    ),
    (
      "rounded batch",
      PlanBases.base(
        .moonlight16BPretrain,
        [
          (Path.train.globalBatchSize, 96), (Path.train.decreaseBatchSizeIfNeeded, true),
          (Path.dataset.dataloaderType, "batch"),
        ])
    ),
    ("MTP", PlanBases.base(.moonlight16BPretrain, [(Path.model.mtpNumLayers, 1)])),
    (
      "distributed activations",
      PlanBases.base(
        .moonlight16BPretrain,
        [(Path.recompute.distributeSavedActivations, true), (Path.model.moeSharedExpertOverlap, false)])
    ),
    (
      "levels of context",
      PlanBases.base(
        .moonlight16BPretrain,
        [
          (Path.parallelism.hierarchicalContextParallelSizes, [2, 2]),
          (Path.parallelism.contextParallelCommunication, "a2a+p2p"),
        ])
    ),
    (
      "padded vocabulary",
      PlanBases.base(
        .moonlight16BPretrain, [(Path.model.vocabSize, .null), (Path.tokenizer.vocabSize, 163_842)])
    ),
    ("few layers", PlanBases.small()),
    (
      "a pipeline's settings",
      PlanBases.base(
        .moonlight16BPretrain,
        [
          (Path.model.overlapP2PCommWarmupFlush, true), (Path.commOverlap.deferEmbeddingWgradCompute, true),
          (Path.commOverlap.wgradDeferralLimit, 0), (Path.model.gradientAccumulationFusion, true),
          (FieldPath("comm_overlap", "overlap_param_gather_with_optimizer_step"), true),
          (FieldPath("ddp", "num_buckets"), 8), (Path.mixedPrecision.fp8, "hybrid"),
          (Path.mixedPrecision.fp8Recipe, "tensorwise"), (Path.mixedPrecision.firstLastLayersBF16, true),
          (Path.mixedPrecision.numLayersAtStartInBF16, 10),
        ])
    ),
    (
      "settings of tensor groups",
      PlanBases.base(
        .moonlight16BPretrain,
        [
          (Path.model.numQueryGroups, 3), (Path.model.qLoraRank, 24),
          (FieldPath("model", "mla_down_proj_fusion"), true),
          (FieldPath("model", "tensor_parallel_num_weight_shards"), 4),
          (Path.model.transformerImplementation, "inference_optimized"), (Path.model.gatedLinearUnit, false),
          (Path.model.moeRouterDataType, "fp32"), (Path.parallelism.contextParallelCommunication, ["p2p", "a2a"]),
        ])
    ),
    (
      "settings of experts",
      PlanBases.base(
        .moonlight16BPretrain,
        [
          (Path.model.moeRouterTopKLimitedDevices, 2), (Path.model.moeRouterGroupTopK, .null),
          (Path.model.moeRouterNumGroups, .null), (Path.model.moeGroupedGEMM, false),
          (Path.model.moeLayerRecompute, true), (Path.mixedPrecision.fp8, "hybrid"),
          (Path.mixedPrecision.fp8Recipe, "delayed"), (FieldPath("model", "hybrid_context_parallel"), true),
          (Path.model.fineGrainedActivationOffloading, true), (FieldPath("model", "offload_modules"), ["moe_act"]),
          (FieldPath("env_vars", "NVTE_CPU_OFFLOAD_V1"), "1"),
        ])
    ),
    (
      "captured graphs",
      PlanBases.base(
        .moonlight16BPretrain,
        [
          (Path.model.cudaGraphImplementation, "transformer_engine"), (Path.model.useTERNGTracker, true),
          (Path.model.moeRouterLoadBalancingType, "quantile_balancing"), (Path.model.numMoEExperts, 72),
          (Path.model.moeRouterGroupTopK, .null), (Path.model.moeRouterNumGroups, .null),
          (Path.model.moeTokenDispatcherType, "flex"), (Path.model.moeFlexDispatcherBackend, "hybridep"),
          (Path.model.moeSharedExpertOverlap, false),
          (FieldPath("env_vars", "NUM_OF_HYBRID_EP_RANKS_PER_NVLINK_DOMAIN"), "4"),
        ])
    ),
    (
      "activations in host memory",
      PlanBases.base(
        .moonlight16BPretrain,
        [
          (Path.model.cpuOffloading, true), (Path.model.cpuOffloadingNumLayers, 1),
          (FieldPath("model", "use_transformer_engine_op_fuser"), true),
          (FieldPath("env_vars", "NVTE_CUTEDSL_FUSED_GROUPED_MLP"), "1"),
        ])
    ),
    (
      "packs",
      PlanBases.base(
        .moonlight16BFinetune, peft: nil,
        [
          (Path.model.addBiasLinear, true), (Path.dataset.packedSequenceSize, 4096),
          (Path.dataset.packSequencesInBatch, true),
          (Path.model.calculatePerTokenLoss, true), (Path.ddp.averageInCollective, true),
        ])
    ),
    (
      "dense",
      PlanBases.base(
        .moonlight16BPretrain,
        [
          (Path.model.numMoEExperts, .null), (Path.model.moeFFNHiddenSize, .null),
          (Path.model.moeRouterGroupTopK, .null), (Path.model.moeRouterNumGroups, .null),
          (Path.model.moeSharedExpertIntermediateSize, .null), (Path.model.moeSharedExpertOverlap, false),
        ])
    ),
  ]

  /// Two choices of one base, and for each rule whether it refuses them.
  struct Pair: Sendable {
    let request: PlanRequest
    let first: PlanChoice
    let second: PlanChoice
    let verdicts: [(first: Bool, second: Bool)]
  }

  /// By base. Worked out once for all tests.
  static let pairs = Array(bases.indices).concurrentMap { index in Result { try pairs(ofBase: index) } }

  private static func pairs(ofBase index: Int) throws -> [Pair] {
    let base = bases[index].base
    var random = SeededGenerator(seed: UInt64(index) + 7)
    let worldSizes = [16, 48, 64]
    var layouts = try Layouts(base)
    return try (0..<120).map { _ in
      let request = PlanRequest(base: base, worldSize: worldSizes.randomElement(using: &random)!)
      let first = choice(request, &random)
      let second = changed(first, request, &random)
      let left = verdicts(first, request, layout: try layouts.layout(of: first))
      let right = verdicts(second, request, layout: try layouts.layout(of: second))
      return Pair(request: request, first: first, second: second, verdicts: zip(left, right).map { ($0, $1) })
    }
  }

  @Test(arguments: bases.indices)
  func sameAspectsMakeTheSameVerdict(index: Int) throws {
    for pair in try Self.pairs[index].get() {
      for (rule, verdicts) in zip(RuleRegistry.rules, pair.verdicts) where verdicts.first != verdicts.second {
        let (reach, first, second) = (rule.errorsDependOn, pair.first, pair.second)
        #expect(
          Self.values(first, reach, pair.request) != Self.values(second, reach, pair.request),
          """
          \(Self.bases[index].name), \(rule.code): \(first.description) is \(verdicts.first), \(second.description) is \
          \(verdicts.second)
          """)
      }
    }
  }

  /// Rules that say they depend on a choice and that no choice here wakes, so that nothing shows on what they depend, by the
  /// reason. A new rule wants a base that wakes it.
  private static let asleep: [(reason: String, codes: Set<DiagnosticCode>)] = [
    (
      "a choice has a layout that fills its pipeline, holds the model and is read, and no other split beside it",
      [
        "PIPE-00", "PIPE-01", "PIPE-02", "PIPE-04", "PIPE-05", "PIPE-06", "PIPE-07", "PIPE-08", "PIPE-10", "PIPE-11",
        "PIPE-13", "PIPE-14", "PIPE-15", "PIPE-16", "PIPE-17", "PIPE-18", "PIPE-28", "PIPE-29",
      ]
    ),
    ("a balanced layout leaves no rank's first chunk empty", ["PEFT-17"]),
    ("a choice has virtual stages on a pipeline alone, and then two or more", ["PIPE-03", "PIPE-31"]),
    (
      "a choice says all of recomputation, full always in groups of one layer",
      ["MTP-02", "RECOMP-02", "RECOMP-03", "RECOMP-04"]
    ),
    ("a choice spreads sequences wherever it spreads tensors", ["SEQ-01", "SEQ-02"]),
    ("a choice has a micro batch, which a base may lack", ["BATCH-03"]),
    ("reads a checkpoint's own config, which no base here has", ["CKPT-11"]),
    ("no number of replicas here makes the floats that it compares round apart", ["DDP-04"]),
  ]

  @Test func aDeclaredDependenceWakesItsRule() throws {
    var pairs: [Pair] = []
    for ofBase in Self.pairs { pairs += try ofBase.get() }
    var sleeping: Set<DiagnosticCode> = []
    for (index, rule) in RuleRegistry.rules.enumerated() where !rule.errorsDependOn.isEmpty {
      let isAwake = pairs.contains { $0.verdicts[index].first != $0.verdicts[index].second }
      if !isAwake { sleeping.insert(rule.code) }
    }
    #expect(sleeping.map(\.rawValue).sorted() == Self.asleep.flatMap(\.codes).map(\.rawValue).sorted())
  }

  /// A layout on so many times its GPUs: what other rules find does not change.
  @Test(arguments: bases.indices)
  func theNumberOfGPUsMattersToReplicasAlone(index: Int) throws {
    let (name, base) = Self.bases[index]
    var random = SeededGenerator(seed: UInt64(index) + 7)
    var layouts = try Layouts(base)
    for _ in 0..<8 {
      let request = PlanRequest(base: base, worldSize: 48)
      let choice = Self.choice(request, &random)
      let run = RunFacts(choice.config(request, layout: try layouts.layout(of: choice)))
      for times in [2, 3, 16] {
        var more = run.config
        more.cluster.numNodes *= times
        let (other, fresh) = (run.on(more.cluster), RunFacts(more))
        for rule in RuleRegistry.rules {
          let isRefused = Validator.firstError(other, of: [rule]) != nil
          #expect(isRefused == (Validator.firstError(fresh, of: [rule]) != nil), "\(name), \(rule.code)")
          guard rule.errorsDependOn.isDisjoint(with: .gpuCount) else { continue }
          #expect(
            isRefused == (Validator.firstError(run, of: [rule]) != nil),
            "\(name), \(rule.code): \(choice.description) on \(run.worldSize) and \(other.worldSize) GPUs")
        }
      }
    }
  }

  // MARK: Choices

  /// Sizes whose products divide the GPUs.
  private static func choice(_ request: PlanRequest, _ random: inout SeededGenerator) -> PlanChoice {
    let world = request.worldSize
    let pipeline = divisors(of: world).filter { $0 <= request.base.model.numLayers }.randomElement(
      using: &random)!
    let tensor = divisors(of: world / pipeline).randomElement(using: &random)!
    let context = divisors(of: world / pipeline / tensor).randomElement(using: &random)!
    let expert = divisors(of: world / pipeline).randomElement(using: &random)!
    let expertTensor = divisors(of: world / pipeline / expert).randomElement(using: &random)!
    let most = request.base.model.numLayers / pipeline
    let isInterleaved = pipeline > 1 && most > 1 && Bool.random(using: &random)
    return PlanChoice(
      tensor: tensor, pipeline: pipeline,
      virtualPipeline: isInterleaved ? Int.random(in: 2...most, using: &random) : nil,
      context: context, expert: expert, expertTensor: expertTensor,
      microBatchSize: [1, 2, 3, 4].randomElement(using: &random)!,
      recompute: RecomputeChoice.searched.randomElement(using: &random)!)
  }

  /// Another choice that shares some of the first one's sizes.
  private static func changed(_ first: PlanChoice, _ request: PlanRequest, _ random: inout SeededGenerator)
    -> PlanChoice
  {
    while true {
      var second = choice(request, &random)
      if Bool.random(using: &random) { (second.tensor, second.context) = (first.tensor, first.context) }
      if Bool.random(using: &random) {
        (second.pipeline, second.virtualPipeline) = (first.pipeline, first.virtualPipeline)
      }
      if Bool.random(using: &random) { second.expert = first.expert }
      if Bool.random(using: &random) { second.expertTensor = first.expertTensor }
      if Bool.random(using: &random) { second.microBatchSize = first.microBatchSize }
      if Bool.random(using: &random) { second.recompute = first.recompute }
      let world = request.worldSize
      if world % (second.tensor * second.context * second.pipeline) == 0,
        world % (second.expert * second.expertTensor * second.pipeline) == 0
      {
        return second
      }
    }
  }

  /// The layouts of one base's pipelines, which do not depend on the number of GPUs: each is balanced once.
  private struct Layouts {
    private struct Pipeline: Hashable {
      let size: Int
      let virtualSize: Int?
    }

    private let request: PlanRequest
    private let kinds: LayerKinds
    private var known: [Pipeline: String?] = [:]

    init(_ base: LaunchConfig) throws {
      request = PlanRequest(base: base, worldSize: 16)
      kinds = try #require(PlanPrices(request)).kinds
    }

    mutating func layout(of choice: PlanChoice) throws -> String? {
      let pipeline = Pipeline(size: choice.pipeline, virtualSize: choice.virtualPipeline)
      if let layout = known[pipeline] { return layout }
      let stages = try #require(
        PlannedStages(request, kinds, pipeline: choice.pipeline, virtualPipeline: choice.virtualPipeline))
      known[pipeline] = .some(stages.layout)
      return stages.layout
    }
  }

  /// For each rule whether it refuses.
  private static func verdicts(_ choice: PlanChoice, _ request: PlanRequest, layout: String?) -> [Bool] {
    let run = RunFacts(choice.config(request, layout: layout))
    return RuleRegistry.rules.map { Validator.firstError(run, of: [$0]) != nil }
  }

  private static func values(_ choice: PlanChoice, _ aspects: PlanAspects, _ request: PlanRequest) -> PlanAspectValues {
    PlanAspectValues(choice, aspects, request.batches)
  }
}
