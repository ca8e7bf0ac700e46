import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

@testable import Validation

/// The shipped recipes as they come, and what a good engineer wants to be told about them: nothing is refused, and every
/// warning is listed here.
@Suite("The shipped recipes")
struct ShippedRecipesTests {
  @Test(arguments: RecipeBook.shipped.recipes.map(\.name))
  func hasNoErrors(_ name: String) throws {
    #expect(try findings(name).filter { $0.severity == .error && !Self.missingByDesign.contains($0.code) }.map(shown) == [])
  }

  @Test(arguments: RecipeBook.shipped.recipes.map(\.name))
  func warnsOfWhatIsListed(_ name: String) throws {
    #expect(try findings(name).filter { $0.severity == .warning }.map(\.code.rawValue) == Self.warnings[name] ?? [])
  }

  /// Finetuning recipes cannot know the checkpoint to start from.
  private static let missingByDesign: Set<DiagnosticCode> = ["PEFT-01", "PEFT-03"]

  private static let warnings: [String: [String]] = [
    "moonlight_16b_finetune_config": ["VOCAB-04"],
  ]

  private func findings(_ name: String) throws -> [Finding] {
    let recipe = try #require(RecipeBook.shipped.recipe(named: name))
    return Validator.findings(RunFacts(LaunchConfig.resolve([recipe.layer()])))
  }

  private func shown(_ finding: Finding) -> String { "\(finding.code) \(finding.path): \(finding.message)" }
}
