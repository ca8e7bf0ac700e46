import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing

@testable import Validation

/// The shipped recipes as they come, and what a good engineer wants to be told about them: nothing is refused, and
/// every warning is listed here.
@Suite("The shipped recipes")
struct ShippedRecipesTests {
  @Test(arguments: RecipeBook.shipped.recipes.map(\.name), Release.all)
  func hasNoErrors(_ name: String, for release: Release) throws {
    #expect(
      try findings(name, for: release)
        .filter { $0.severity == .error && !Self.missingByDesign.contains($0.code) }.map(shown) == [])
  }

  @Test(arguments: RecipeBook.shipped.recipes.map(\.name), Release.all)
  func warnsOfWhatIsListed(_ name: String, for release: Release) throws {
    let warnings = try findings(name, for: release).filter { $0.severity == .warning }
    #expect(warnings.map(\.code.rawValue) == Self.warnings[name] ?? [])
  }

  /// Finetuning recipes cannot know the checkpoint to start from.
  private static let missingByDesign: Set<DiagnosticCode> = ["PEFT-01", "PEFT-03"]

  private static let warnings: [String: [String]] = [
    "moonlight_16b_finetune_config": ["VOCAB-04"]
  ]

  private func findings(_ name: String, for release: Release) throws -> [Finding] {
    let layers = try #require(RecipeBook.shipped.layers(ofRecipe: name, for: release))
    return Validator.findings(RunFacts(LaunchConfig.resolve(layers, for: release)))
  }

  private func shown(_ finding: Finding) -> String { "\(finding.code) \(finding.path): \(finding.message)" }
}
