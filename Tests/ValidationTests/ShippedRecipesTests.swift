import Diagnostics
import Foundation
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
  /// Each for every release that it is for.
  static let recipes = RecipeBook.shipped.recipes.flatMap { recipe in
    recipe.releases.releases.map { (recipe.name, $0) }
  }

  @Test(arguments: recipes)
  func hasNoErrors(_ name: String, for release: Release) throws {
    #expect(
      try findings(name, for: release)
        .filter { $0.severity == .error && !Self.missingByDesign.contains($0.code) }
        .filter { release != .bridge031 || Self.refusedByItsRelease[name] != $0.code }.map(shown) == [])
  }

  @Test(arguments: recipes)
  func warnsOfWhatIsListed(_ name: String, for release: Release) throws {
    let warnings = try findings(name, for: release).filter { $0.severity == .warning }
    #expect(warnings.map(\.code.rawValue) == Self.warnings[name] ?? [])
  }

  @Test func everyRecipeAndModelIsInTheBook() throws {
    let folder = URL(filePath: #filePath).appending(path: "../../../Recipes").standardized
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var texts: [String: String] = [:]
    for case let file as URL in files where file.pathExtension == "swift" {
      texts[file.lastPathComponent] = try String(contentsOf: file, encoding: .utf8)
    }
    let book = try #require(texts["RecipeBook.swift"])
    let declared = texts.values.flatMap { $0.matches(of: /static let (\w+)(?:: \w+)? = (?:Recipe|ModelPreset)\(/) }
      .map { String($0.1) }
    #expect(declared.count == RecipeBook.shipped.recipes.count + RecipeBook.shipped.models.count)
    for name in declared { #expect(book.contains(".\(name),"), "\(name)") }
  }

  /// Finetuning recipes cannot know the checkpoint to start from.
  private static let missingByDesign: Set<DiagnosticCode> = ["PEFT-01", "PEFT-03"]

  /// What megatron-bridge 0.3.1 itself refuses of its functions: shared experts with biases.
  private static let refusedByItsRelease: [String: DiagnosticCode] = [
    "megatron.bridge.recipes.moonlight.moonlight_16b_sft_config": "MOE-26",
    "megatron.bridge.recipes.moonlight.moonlight_16b_peft_config": "MOE-26",
  ]

  private static let warnings: [String: [String]] = [
    "moonlight_16b_sft_config": ["PEFT-03"],
    // What the functions of the release are.
    "moonlight_16b_peft_2gpu_h100_bf16_config": ["PEFT-10", "PEFT-28"],
    "moonlight_16b_peft_4gpu_h100_bf16_config": ["PEFT-28"],
    "megatron.bridge.recipes.moonlight.moonlight_16b_sft_config": ["MOE-14", "PEFT-03"],
    "megatron.bridge.recipes.moonlight.moonlight_16b_peft_config": ["MOE-14", "PEFT-28"],
    "kimi_k2_pretrain_config": ["GPU-14", "MUON-10", "MEM-01"],
    "kimi_k2_pretrain_512gpu_h100_bf16_config": ["GPU-14", "MUON-10", "MEM-01"],
  ]

  private func findings(_ name: String, for release: Release) throws -> [Finding] {
    let layers = try #require(RecipeBook.shipped.layers(ofRecipe: name, for: release))
    return Validator.findings(RunFacts(LaunchConfig.resolve(layers, for: release)))
  }

  private func shown(_ finding: Finding) -> String { "\(finding.code) \(finding.path): \(finding.message)" }
}
