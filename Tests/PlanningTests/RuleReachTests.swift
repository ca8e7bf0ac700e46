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
        [(Path.model.overlapMoEExpertParallelComm, true), (Path.model.moeSharedExpertOverlap, false)])
    ),
    (
      "overlapped transfers",
      PlanBases.base(
        .moonlight16BPretrain, [(Path.model.overlapP2PComm, true), (Path.model.batchP2PComm, true)])
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
        ])
    ),
    (
      "rounded batch",
      PlanBases.base(
        .moonlight16BPretrain,
        [(Path.train.globalBatchSize, 96), (Path.train.decreaseBatchSizeIfNeeded, true)])
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
  ]

  @Test(arguments: bases.indices)
  func sameAspectsMakeTheSameVerdict(index: Int) throws {
    let (name, base) = Self.bases[index]
    var random = SeededGenerator(seed: UInt64(index) + 7)
    let worldSizes = [16, 48, 64]
    var layouts = try Layouts(base)
    for _ in 0..<120 {
      let request = PlanRequest(base: base, worldSize: worldSizes.randomElement(using: &random)!)
      let first = Self.choice(request, &random)
      let second = Self.changed(first, request, &random)
      let left = Self.verdicts(first, request, layout: try layouts.layout(of: first))
      let right = Self.verdicts(second, request, layout: try layouts.layout(of: second))
      for (rule, verdicts) in zip(RuleRegistry.rules, zip(left, right)) where verdicts.0 != verdicts.1 {
        let reach = rule.errorsDependOn
        #expect(
          Self.values(first, reach, request) != Self.values(second, reach, request),
          "\(name), \(rule.code): \(first.description) is \(verdicts.0), \(second.description) is \(verdicts.1)")
      }
    }
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
