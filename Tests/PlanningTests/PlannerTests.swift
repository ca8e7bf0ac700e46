import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing
import Validation

@testable import Planning

@Suite struct PlannerTests {
  static let pretrain = PlanBases.base()
  static let lora = PlanBases.base(
    .moonlight16BFinetune, peft: .lora, [(Path.checkpoint.pretrainedCheckpoint, "/weights")])

  private func search(_ request: PlanRequest, limit: Int = 10) throws -> PlanResult {
    var planner = try #require(Planner(request, limit: limit))
    #expect(planner.baseErrors.isEmpty)
    return planner.search()
  }

  @Test(arguments: [(pretrain, 16), (pretrain, 64), (lora, 8), (lora, 32)])
  func everyRowPassesEveryRuleAndIsPricedAsItsConfig(base: LaunchConfig, worldSize: Int) throws {
    let request = PlanRequest(base: base, worldSize: worldSize)
    let result = try search(request)
    #expect(result.rows.count == 10)
    for row in result.rows {
      let run = RunFacts(row.config)
      #expect(Validator.firstError(run) == nil, "\(row.choice.description)")
      #expect(run.worldSize == worldSize)
      let memory = try #require(run.memory()).worstTotal / gibibyte
      #expect(abs(memory - row.memoryGiB) < 1e-9, "\(row.choice.description)")
      #expect(row.memoryGiB <= 80)
      let time = try #require(StepTime(of: run, request)).total
      #expect(abs(time - row.time.total) < 1e-12 * time)
    }
    #expect(result.rows.isInOrder)
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
    let result = try search(PlanRequest(base: PlanBases.small(globalBatch: 16), worldSize: 4), limit: 5000)
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
    let result = try search(PlanRequest(base: base, worldSize: 16))
    guard case .row(let row, _) = result.base else {
      Issue.record("the layout is legal")
      return
    }
    #expect(row.layout == "Et*14|t*13L")
  }

  @Test func aLayoutThatBreaksARuleIsSaidToDoSo() throws {
    let result = try search(PlanRequest(base: Self.pretrain, worldSize: 4, gpusPerNode: 4))
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
      PlanRequest(base: Self.pretrain, worldSize: 8, gpuMemoryGiB: least.memory.worstTotal / gibibyte + 1e-6),
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

  @Test func aPrimeNumberOfGPUs() throws {
    let result = try search(PlanRequest(base: Self.pretrain, worldSize: 7))
    #expect(result.rows.allSatisfy { $0.choice.pipeline == 7 || $0.dataParallel == 7 })
  }
}

extension [PlanRow] {
  /// Whether no row is faster than the one before it, but for the rounding of sums in another order.
  var isInOrder: Bool { zip(self, dropFirst()).allSatisfy { $0.time.total <= $1.time.total * (1 + 1e-12) } }
}
