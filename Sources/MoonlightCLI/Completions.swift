import ArgumentParser
import ConfigDocument
import FileAccess
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Validation

/// What shells complete beside the names of options.
enum Completions {
  /// The shipped ones: what a tool has beside these is not known where its options are declared.
  private static var recipes: RecipeBook { .shipped }

  /// A config file alone.
  static let config = CompletionKind.file(extensions: ["yaml", "yml", "json"])
  static let recipe = CompletionKind.custom { _, _, _ in recipes.recipeNames }
  static let model = CompletionKind.custom { _, _, _ in recipes.models.map(\.name) }
  static let recipeOrModel = CompletionKind.custom { _, _, _ in
    recipes.recipeNames + recipes.models.map(\.name)
  }
  /// What most commands take: a config, or the name of a recipe.
  static let configOrRecipe = CompletionKind.custom { _, _, prefix in configs(prefix) + recipes.recipeNames }
  /// What `explain` is about.
  static let subject = CompletionKind.custom { _, _, prefix in
    configs(prefix) + recipes.recipeNames + RuleReference.all.map(\.code) + sections + fields
  }
  static let field = CompletionKind.custom { _, _, _ in sections + fields }
  static let section = CompletionKind.custom { _, _, _ in sections }
  /// `section.field=`, for `--set`; where one field is left its values, too, so that a shell adds no blank behind the `=`.
  static let assignment = CompletionKind.custom { _, _, prefix in
    let begun = fields.filter { $0.hasPrefix(prefix) }
    return begun.count == 1 ? values(begun[0]).map { "\(begun[0])=\($0)" } : begun.map { $0 + "=" }
  }

  private static let sections = LaunchConfig.sections.map(\.schema.name)

  private static var fields: [String] {
    LaunchConfig.sections.flatMap { section in
      let declared = section.schema.fields.filter { section.schema.declares($0, in: .current) }
        .map { section.schema.name(of: $0.name, in: .current) }
      return (declared + CarriedFields.names(of: section.schema.name, in: .current))
        .map { FieldPath(section.schema.name, $0).description }
    }
  }

  /// Nothing, then what a field takes: its words, or its default.
  private static func values(_ path: String) -> [String] {
    let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2, let section = LaunchConfig.section(named: parts[0])?.schema,
      let field = section.field(named: section.identity(of: parts[1]))
    else { return [""] }
    switch field.type(in: .current).wrapped {
    case .bool: return ["", "true", "false"]
    case .choice(let words): return [""] + words
    default:
      let fallback = LaunchConfig.defaultValue(of: FieldPath(section.name, field.name), in: .current)
      return [""] + (fallback.map { [FlowText.yaml($0)] } ?? [])
    }
  }

  /// Configs and folders that begin as what was typed does.
  private static func configs(_ prefix: String) -> [String] {
    let typed = prefix.lastIndex(of: "/").map { prefix[...$0] } ?? ""
    return FolderListing.entries(of: String(typed)).compactMap { entry in
      guard prefix.hasSuffix(".") || !entry.name.hasPrefix(".") else { return nil }
      if entry.isFolder { return typed + entry.name + "/" }
      return [".yaml", ".yml", ".json"].contains { entry.name.hasSuffix($0) } ? typed + entry.name : nil
    }
  }
}
