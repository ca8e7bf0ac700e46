import ConfigDocument
import Exporters
import Foundation
import Importers
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import TestSupport
import Testing

/// Shipped recipes with random values in their fields: what can be said in arguments comes back from them.
///
/// `MOONLIGHT_RANDOM_CONFIGS=300` asks for as many configs a release, `MOONLIGHT_RANDOM_SEED` for others.
@Suite("Random configs, written as arguments and read back")
struct RandomRoundTripTests {
  private static let count = number("MOONLIGHT_RANDOM_CONFIGS") ?? 25
  private static let seed = number("MOONLIGHT_RANDOM_SEED") ?? 41

  private static func number(_ variable: String) -> Int? {
    ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
  }

  /// What the exporter reads together with others, or works out; changed alone it says something else.
  private static let apart: Set<String> = [
    "software", "recipe", "cluster", "dataset", "tokenizer", "peft", "env_vars", "comm_overlap",
  ]

  @Test("The arguments of what was read are the arguments", arguments: Release.all)
  func roundTrip(release: Release) {
    var generator = SeededGenerator(seed: UInt64(Self.seed))
    let recipes = RecipeBook.shipped.recipes.map(\.name).filter {
      RecipeBook.shipped.releases(ofRecipe: $0)?.contains(release) == true
    }
    let fields = Self.fields(of: release)
    var (done, drawn) = (0, 0)
    while done < Self.count, drawn < 40 * Self.count {
      drawn += 1
      let recipe = recipes.randomElement(using: &generator) ?? ""
      let set = (0..<Int.random(in: 1...8, using: &generator)).compactMap { _ -> String? in
        guard let path = fields.randomElement(using: &generator) else { return nil }
        return Self.value(of: path, release, &generator).map { "\(path)=\(FlowText.yaml($0))" }
      }
      let config = Self.config("extends: \(recipe)\n", set, release)
      guard let config, case let written = MegatronLMArguments.arguments(of: config), written.problems.isEmpty else {
        continue
      }
      done += 1
      let text = written.value.map { $0 + "\n" }.joined()
      let imported = ImportedConfig(DocumentReader.read(text: text, name: "arguments.txt"), for: release)
      let said = imported.document.diagnostics.map { "\($0.code) \($0.message)" }
      #expect(said == [], "\(recipe) \(set)")
      let loader = ConfigLoader(recipes: RecipeBook.shipped, release: release) { _ in [] }
      let cluster = Overrides([
        "cluster.num_nodes=\(config.cluster.numNodes)", "cluster.gpus_per_node=\(config.cluster.gpusPerNode)",
      ])
      let again = MegatronLMArguments.arguments(
        of: loader.load(imported.document, path: "arguments.txt", overrides: cluster).resolution.config
          .withCanonicalLayout())
      #expect(again.problems.map(\.description) == [], "\(recipe) \(set)")
      #expect(
        ArgumentSettings(again.value, release).values == ArgumentSettings(written.value, release).values,
        "\(recipe) \(set)")
    }
    #expect(done == Self.count)
  }

  private static func config(_ text: String, _ set: [String], _ release: Release) -> LaunchConfig? {
    let loader = ConfigLoader(recipes: RecipeBook.shipped, release: release) { _ in [] }
    let loaded = loader.load(
      DocumentReader.read(text: text, name: "a.yaml"), path: "a.yaml", overrides: Overrides(set))
    let hasErrors = loaded.resolution.diagnostics.contains { $0.severity == .error }
    return hasErrors ? nil : loaded.resolution.config.withCanonicalLayout()
  }

  /// Fields with an option of their own.
  private static func fields(of release: Release) -> [FieldPath] {
    LaunchConfig.sections.filter { !apart.contains($0.schema.name) }.flatMap { section in
      section.schema.fields.map { FieldPath(section.schema.name, $0.name) }.filter { path in
        section.schema.hasField(named: path.field, in: release) && ArgumentTable.form(path, in: release)?.option != nil
      }
    }
  }

  private static func value(of path: FieldPath, _ release: Release, _ generator: inout SeededGenerator) -> ConfigValue?
  {
    guard let field = LaunchConfig.section(named: path.section)?.schema.field(named: path.field) else { return nil }
    func value(_ type: FieldType) -> ConfigValue? {
      switch type {
      case .bool: return .bool(Bool.random(using: &generator))
      case .int: return .int([1, 2, 3, 4, 8, 100].randomElement(using: &generator) ?? 1)
      case .float: return .float([0.5, 0.25, 1e-5, 0.1].randomElement(using: &generator) ?? 0.5)
      case .choice(let words): return words.randomElement(using: &generator).map { .string($0) }
      case .optional(let wrapped): return value(wrapped)
      case .string: return .string(["a b", "it's", "/data/x"].randomElement(using: &generator) ?? "a")
      case .list, .union, .dictionary, .record, .any: return nil
      }
    }
    return value(field.type(in: release))
  }
}
