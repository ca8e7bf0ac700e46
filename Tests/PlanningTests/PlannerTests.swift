import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Topology
import Validation

@testable import Planning

@Suite struct PlannerTests {
  static let pretrain = PlanBases.base()
  static let lora = PlanBases.base(
    .moonlight16BFinetune, peft: .lora, [(Path.checkpoint.pretrainedCheckpoint, "/weights")])

  /// For what is asked of the base alone, which is priced whatever is searched.
  private static let oneChoice = HeldSizes(
    tensor: 1, pipeline: 1, virtualPipeline: 1, context: 1, expert: 1, expertTensor: 1, microBatchSize: 1)

  private static func search(_ request: PlanRequest, limit: Int) throws -> PlanResult {
    var planner = try #require(Planner(request, limit: limit))
    #expect(planner.baseErrors.isEmpty)
    return planner.search()
  }

  private func search(_ request: PlanRequest, limit: Int = 10) throws -> PlanResult {
    try Self.search(request, limit: limit)
  }

  enum Base {
    case pretrain, lora

    var config: LaunchConfig { self == .pretrain ? PlannerTests.pretrain : PlannerTests.lora }
  }

  @Test(arguments: [(.pretrain, 16), (.pretrain, 64), (.lora, 8), (.lora, 32)] as [(Base, Int)])
  func everyRowPassesEveryRuleAndIsPricedAsItsConfig(base: Base, worldSize: Int) throws {
    let request = PlanRequest(base: base.config, worldSize: worldSize)
    let result = try search(request)
    #expect(result.rows.count == 10)
    for row in result.rows {
      let run = RunFacts(row.config)
      #expect(Validator.firstError(run) == nil, "\(row.choice.description)")
      #expect(run.worldSize == worldSize)
      let memory = try #require(run.memory()).worstTotal / gibibyte
      #expect(abs(memory - row.memoryGiB) < 1e-9, "\(row.choice.description)")
      #expect(row.memoryGiB <= request.usableGiB)
      let time = try #require(StepTime(of: run, request)).total
      #expect(abs(time - row.time.total) < 1e-12 * time)
      // What `estimate` says of the same config.
      let estimate = try #require(run.estimate(request.assumptions))
      #expect(abs(estimate.timing.secondsPerStep - row.time.total) < 1e-12 * time)
    }
    #expect(result.rows.isInOrder)
  }

  /// A search for less finds what the whole search has found.
  @Test(arguments: [
    ("moonlight_16b_pretrain_config", 8, 1), ("moonlight_16b_pretrain_config", 32, 2),
    ("moonlight_tiny_pretrain_config", 4, 2),
  ])
  func theFasterOfItsOwnPipelineIsThatOfTheSearch(recipe name: String, worldSize: Int, pipeline: Int) throws {
    let recipe = try #require(RecipeBook.shipped.recipe(named: name))
    let base = PlanBases.base(recipe, [(Path.parallelism.pipelineModelParallelSize, .int(pipeline))])
    let request = PlanRequest(base: base, worldSize: worldSize, held: HeldSizes(pipeline: pipeline, context: 1))
    let result = try search(request, limit: 1)
    guard case .row(let own, _) = result.base else {
      Issue.record("the base has no row: \(result.base)")
      return
    }
    let best = try #require(result.bestOfOwnPipeline)
    let share = best.time.total / own.time.total
    for (allowed, isFound) in [(1, true), (share, true), (share * 0.99, false)] {
      var planner = try #require(Planner(request, limit: 1))
      let found = planner.fasterOfOwnPipeline(share: allowed)
      #expect(found?.best.choice == (isFound ? best.choice : nil), "\(allowed)")
      #expect(found.map { $0.own.time.total == own.time.total } ?? true)
    }
  }

  /// Choices are counted once each: legal, or fallen by one rule.
  @Test func everyChoiceIsAccountedFor() throws {
    let result = try search(PlanRequest(base: Self.pretrain, worldSize: 48))
    let fallen = result.rejections.reduce(0) { $0 + ($1.code == "MEM-01" ? 0 : $1.count) }
    #expect(result.legal + fallen == result.considered)
    #expect(result.legal - result.fitting == result.rejections.first { $0.code == "MEM-01" }?.count)
    #expect(result.rejections.contains { $0.code == "BATCH-01" })
    #expect(result.rejections.contains { $0.code == "MOE-02" })
  }

  @Test func theBaseHasItsRank() throws {
    let result = try Self.allOfTwiceTheBatch.get()
    guard case .row(let base, fits: true) = result.base else {
      Issue.record("the layout is legal and fits")
      return
    }
    #expect((base.choice.tensor, base.choice.pipeline, base.choice.expert) == (1, 1, 1))
    // Others may be as fast.
    let row = try #require(result.rows.first { $0.choice == base.choice })
    #expect(row.rank >= base.rank)
    #expect(abs(result.rows[base.rank - 1].time.total - base.time.total) < 1e-9)
  }

  /// The layout of a config counts as it is, not as a plan would balance it.
  @Test func theBaseKeepsItsOwnStages() throws {
    let base = PlanBases.base(
      .moonlight16BPretrain,
      [(Path.parallelism.pipelineModelParallelSize, 2), (Path.parallelism.pipelineModelParallelLayout, "14+13")])
    let result = try search(PlanRequest(base: base, worldSize: 16, held: Self.oneChoice))
    guard case .row(let row, _) = result.base else {
      Issue.record("the layout is legal")
      return
    }
    #expect(row.layout == "Et*14|t*13L")
  }

  @Test func aLayoutThatBreaksARuleIsSaidToDoSo() throws {
    let result = try search(PlanRequest(base: Self.pretrain, worldSize: 4, gpusPerNode: 4, held: Self.oneChoice))
    guard case .refused(let code, _) = result.base else {
      Issue.record("EP 8 does not fit 4 GPUs")
      return
    }
    #expect(code == "GPU-02")
  }

  @Test func tooLittleMemoryNamesTheLeast() throws {
    let result = try search(PlanRequest(base: Self.pretrain, worldSize: 8, gpuMemoryGiB: 10))
    #expect(result.rows.isEmpty)
    let least = try #require(result.leastMemory)
    let enough = try search(
      PlanRequest(
        base: Self.pretrain, worldSize: 8, gpuMemoryGiB: least.memory.worstTotal / gibibyte + 1e-6, marginGiB: 0),
      limit: 10_000)
    // Others may need as little.
    #expect(enough.rows.map(\.choice).contains(least.choice))
    #expect(enough.rows.allSatisfy { abs($0.memoryGiB - least.memory.worstTotal / gibibyte) < 1e-5 })
  }

  @Test func whatNoLayoutMendsStopsTheSearch() throws {
    let base = PlanBases.base(.moonlight16BPretrain, [(Path.model.moeRouterTopK, 65)])
    let planner = try #require(Planner(PlanRequest(base: base, worldSize: 16), limit: 10))
    #expect(planner.baseErrors.map(\.code).contains("MOE-06"))
  }

  /// Few enough choices for all of them to be rows.
  private static let small = PlanBases.small(globalBatch: 8)

  /// Searched once for all tests.
  private static let allOfSmall = Result { try search(PlanRequest(base: small, worldSize: 4), limit: 5000) }
  private static let allOfTwiceTheBatch = Result {
    try search(PlanRequest(base: PlanBases.small(globalBatch: 16), worldSize: 4), limit: 5000)
  }

  @Test func heldSizesAreNotSearched() throws {
    let held = try search(
      PlanRequest(
        base: Self.small, worldSize: 4, held: HeldSizes(tensor: 2, pipeline: 2, virtualPipeline: 1, microBatchSize: 1)
      ), limit: 5000)
    let isHeld = { (row: PlanRow) in
      (row.choice.tensor, row.choice.pipeline, row.choice.microBatchSize) == (2, 2, 1)
        && row.choice.virtualPipeline == nil
    }
    #expect(!held.rows.isEmpty)
    let all = try Self.allOfSmall.get()
    #expect(all.rows.filter(isHeld).map(\.choice) == held.rows.map(\.choice))
    #expect(all.rows.filter(isHeld).map(\.time) == held.rows.map(\.time))
  }

  @Test func theBestOfTheOwnPipelineIsTheFastestOfThatSize() throws {
    let result = try Self.allOfTwiceTheBatch.get()
    let best = try #require(result.bestOfOwnPipeline)
    #expect(best.choice == result.rows.first { $0.choice.pipeline == 1 }?.choice)
  }

  @Test func rowsWithinTheErrorOfTheFirstAreTies() throws {
    let result = try Self.allOfSmall.get()
    let most = result.rows[0].time.total * (1 + PlanResult.timeError)
    #expect(result.ties > 1)
    #expect(result.rows[result.ties - 1].time.total <= most)
    #expect(result.rows[result.ties].time.total > most)
  }

  @Test func theMarginIsLeftFree() throws {
    func rows(margin: Double) throws -> [PlanRow] {
      try search(
        PlanRequest(base: Self.small, worldSize: 4, gpuMemoryGiB: 6.5, marginGiB: margin), limit: 5000
      ).rows
    }
    let (whole, kept) = (try rows(margin: 0), try rows(margin: 0.28))
    #expect(kept.map(\.choice) == whole.filter { $0.memoryGiB <= 6.22 }.map(\.choice))
    #expect(!kept.isEmpty && kept.count < whole.count)
    #expect(PlanRequest(base: Self.small, worldSize: 4, gpuMemoryGiB: 80).usableGiB == 77.6)
  }

  /// Every place of the states is searched as if the base had it, and each row says which it has.
  @Test func offloadedAndShardedStates() throws {
    var request = PlanRequest(
      base: Self.pretrain, worldSize: 8,
      held: HeldSizes(tensor: 1, pipeline: 1, context: 1, expert: 8, expertTensor: 1, microBatchSize: 1))
    let written = try search(request, limit: 5000)
    request.placements = [.offloaded] + StatePlacement.allSharded
    let all = try search(request, limit: 5000)
    #expect(all.rows.isInOrder)
    #expect(all.rows.map(\.rank) == Array(1...all.rows.count))
    let fallen = all.rejections.reduce(0) { $0 + ($1.code == "MEM-01" ? 0 : $1.count) }
    #expect(all.legal + fallen == all.considered)
    #expect(
      Set(all.rows.filter { $0.placement == .asWritten }.map(\.choice)) == Set(written.rows.map(\.choice)))
    for placement in request.placements {
      let row = try #require(all.rows.first { $0.placement == placement }, "\(placement.name)")
      #expect(Validator.firstError(RunFacts(row.config)) == nil)
      var alone = request
      alone.placements = []
      placement.apply(to: &alone.base)
      let first = try #require(try search(alone, limit: 1).rows.first)
      #expect(first.time == row.time)
      #expect(first.config.fingerprint == row.config.fingerprint)
      let host = try #require(RunFacts(row.config).memory()).worst?.host ?? 0
      #expect((host > 0) == (placement == .offloaded))
    }
  }

  /// A simulated step has the passes of the estimated one; the closed formula stands for its events.
  @Test(arguments: [(1, nil), (2, nil), (4, nil), (2, 2), (4, 3)] as [(Int, Int?)])
  func simulatedSecondsAreTheEstimates(pipeline: Int, virtualPipeline: Int?) throws {
    let base = PlanBases.base(
      .moonlight16BPretrain,
      [
        (Path.parallelism.pipelineModelParallelSize, .int(pipeline)), (Path.cluster.numNodes, 8),
        (Path.parallelism.virtualPipelineModelParallelSize, virtualPipeline.map { .int($0) } ?? .null),
        (Path.parallelism.pipelineModelParallelLayout, "auto"), (Path.train.globalBatchSize, 512),
      ])
    let run = RunFacts(base)
    let (stages, microbatches) = (try #require(run.stages), try #require(run.numMicrobatches))
    let step = try #require(run.pricedStep(of: stages, numMicrobatches: microbatches, base.assumptions))
    let schedule = try PipelineSchedule(
      pipeline: pipeline, virtualPipeline: virtualPipeline, microbatches: microbatches)
    let seconds = try SimulatedSeconds(step, of: stages, schedule: schedule)
    let estimate = try #require(run.estimate()).timing.secondsPerStep
    #expect(seconds.estimated.total == estimate)
    #expect(abs(seconds.total / estimate - 1) < (pipeline == 1 ? 1e-12 : 0.03), "\(seconds.total) for \(estimate)")
  }

  /// More GPUs behind one NVLink make traffic between nodes cheaper, in an estimate as in a plan.
  @Test func gpusOfOneNVLinkDomainCountAsANode() throws {
    func seconds(domain: Int?) throws -> (plan: Double, estimate: Double) {
      var base = Self.pretrain
      base.cluster.nvlinkDomainGPUs = domain
      base.parallelism.expertModelParallelSize = 64
      base.cluster.numNodes = 8
      let result = try search(PlanRequest(base: base, worldSize: 64, held: Self.oneChoice))
      guard case .row(let row, _) = result.base else { return (0, 0) }
      return (row.time.expertTraffic, try #require(RunFacts(base).estimate()).time.expertTraffic)
    }
    let (nodes, domain) = (try seconds(domain: nil), try seconds(domain: 64))
    #expect(domain.plan < nodes.plan && domain.plan > 0)
    #expect(domain.plan == domain.estimate)
    #expect(nodes.plan == nodes.estimate)
  }

  @Test func aPrimeNumberOfGPUs() throws {
    let result = try search(PlanRequest(base: Self.pretrain, worldSize: 7))
    #expect(result.rows.allSatisfy { $0.choice.pipeline == 7 || $0.dataParallel == 7 })
  }
}

extension [PlanRow] {
  /// Whether no row is faster than the one before it, but for the rounding of sums in another order.
  var isInOrder: Bool { zip(self, dropFirst()).allSatisfy { $0.time.total <= $1.time.total * (1 + 1e-12) } }
}
