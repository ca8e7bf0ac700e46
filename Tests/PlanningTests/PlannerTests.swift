import LaunchModel
import MoonlightRecipes
import Planning
import RecipeKit
import Testing
import Validation

@Suite struct PlannerTests {
  private func search(worldSize: Int, limit: Int = 20) throws -> PlanResult {
    let base = LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer()])
    var planner = try #require(Planner(PlanRequest(base: base, worldSize: worldSize)))
    return planner.search(limit: limit)
  }

  @Test(arguments: [8, 16, 64])
  func everyRowPassesEveryRuleAndFits(worldSize: Int) throws {
    let result = try search(worldSize: worldSize)
    #expect(!result.rows.isEmpty)
    for row in result.rows {
      let run = RunFacts(row.config)
      #expect(!Validator.findings(run).contains { $0.severity == .error }, "\(row.choice.description)")
      #expect(run.worldSize == worldSize)
      // Planner and estimate must agree on the same config.
      #expect(abs((run.memory?.worstTotal ?? 0) / 1_073_741_824 - row.memoryGiB) < 1e-6, "\(row.choice.description)")
      #expect(row.memoryGiB <= 80)
    }
    #expect(result.rows.map(\.time.total) == result.rows.map(\.time.total).sorted())
  }
}
