public import LaunchModel
public import Releases

/// A named starting point for launch configs: everything a run needs, as one function of a few choices.
///
///     let recipe = Recipe("my_pretrain_config", "Pretrains mine.", mode: .pretrain, model: .moonlight16BA3B) { choices in
///       choices.model
///       Parallelism()
///         .tensorModelParallelSize(2)
///     }
///
/// Later parts win over earlier ones, field by field. What follows from other fields (the layout of `auto`,
/// `lr_decay_iters`, save paths) is left out: it is derived after all overrides.
public struct Recipe: Sendable {
  /// As a function would be called: model, task, `config`.
  public let name: String
  /// One line for people.
  public let summary: String
  public let mode: TrainingMode
  /// Other names it answers to.
  public let aliases: [String]
  /// The releases of Megatron that it is for.
  public let releases: ReleaseSet
  /// What it is made with where nobody chooses.
  public let defaults: RecipeChoices
  private let parts: @Sendable (RecipeChoices) -> [RecipeSetting]

  public init(
    _ name: String, _ summary: String, mode: TrainingMode, model: ModelPreset, peft: PEFTScheme? = nil,
    aliases: [String] = [], releases: ReleaseSet = .all,
    @RecipeBuilder parts: @escaping @Sendable (RecipeChoices) -> [RecipeSetting]
  ) {
    self.name = name
    self.summary = summary
    self.mode = mode
    self.aliases = aliases
    self.releases = releases
    self.defaults = RecipeChoices(model: model, peft: peft, release: releases.preferred)
    self.parts = parts
  }

  /// A recipe that says everything this one says, and then something more.
  public func extended(
    _ name: String, _ summary: String, aliases: [String] = [],
    @RecipeBuilder parts more: @escaping @Sendable (RecipeChoices) -> [RecipeSetting]
  ) -> Recipe {
    let parts = parts
    return Recipe(
      name, summary, mode: mode, model: defaults.model, peft: defaults.peft, aliases: aliases, releases: releases
    ) { choices in
      RecipeGroup { parts(choices) + more(choices) }
    }
  }

  func answers(to name: String) -> Bool { name == self.name || aliases.contains(name) }

  /// The recipe as a layer; every value's origin is the line that sets it.
  public func layer(_ choices: RecipeChoices? = nil) -> Layer {
    let choices = choices ?? defaults
    let about = Run()
      .mode(mode == .pretrain ? .pretrain : choices.peft == nil ? .sft : .peft)
      .basedOn(name)
    return Layer(
      name: "recipe \(name)",
      assignments: (about.settings + parts(choices)).map {
        Layer.Assignment($0.path, $0.value, .recipe(name: name, fileID: $0.fileID, line: $0.line))
      })
  }
}

/// What a recipe can be asked for beyond its fields.
public struct RecipeChoices: Sendable {
  public var model: ModelPreset
  /// `nil` trains all weights.
  public var peft: PEFTScheme?
  /// The release that the config is for.
  public var release: Release

  public init(model: ModelPreset, peft: PEFTScheme? = nil, release: Release = .current) {
    self.model = model
    self.peft = peft
    self.release = release
  }
}

/// Recipes and presets under one roof, found by name.
public struct RecipeBook: RecipeSource {
  public let recipes: [Recipe]
  public let models: [ModelPreset]

  public init(recipes: [Recipe], models: [ModelPreset]) {
    self.recipes = recipes
    self.models = models
  }

  public var recipeNames: [String] { recipes.map(\.name) }

  /// The recipe that a name means in configs for a release; where none of that name is for it, one for others.
  ///
  /// - Parameter name: a recipe's own name or one of its others, or the whole name of a function of Megatron-Bridge's, such
  ///   as `megatron.bridge.recipes.moonlight.moonlight_16b_pretrain_config`.
  public func recipe(named name: String, for release: Release = .current) -> Recipe? {
    if let function = Self.function(wholeName: name), let meant = recipe(named: function, by: release) { return meant }
    return recipes.first { $0.answers(to: name) && $0.releases.contains(release) }
      ?? recipes.first { $0.answers(to: name) }
  }

  /// The recipe that a name means to Megatron-Bridge of a release, in its files and on its command lines. That may be another
  /// one than our own of that name, which keeps the meaning of the documentation.
  ///
  /// - Returns: `nil` for a recipe that the release does not have, or that is not here.
  public func recipe(named name: String, by release: Release) -> Recipe? {
    guard let function = release.recipeFunction(named: Self.function(wholeName: name) ?? name) else { return nil }
    let candidates = recipes.filter { $0.releases.contains(release) }
    return candidates.first { Self.function(wholeName: $0.name) == function }
      ?? candidates.first { $0.name == function }
  }

  public func name(ofBridgeRecipe name: String, in release: Release) -> String? {
    recipe(named: name, by: release)?.name
  }

  public func model(named name: String) -> ModelPreset? { models.first { $0.name == name } }

  public func releases(ofRecipe name: String) -> ReleaseSet? {
    let own = recipes.filter { $0.answers(to: name) }.map(\.releases)
    let function = Self.function(wholeName: name)
    let others = ReleaseSet.where { release in function.flatMap { recipe(named: $0, by: release) } != nil }
    let all = own.reduce(others) { $0.union($1) }
    return all.releases.isEmpty ? nil : all
  }

  public func layers(ofRecipe name: String, for release: Release) -> [Layer]? {
    recipe(named: name, for: release).map { recipe in
      var choices = recipe.defaults
      choices.release = release
      return [recipe.layer(choices)]
    }
  }

  /// The last part of a function's whole name; `nil` for other names.
  private static func function(wholeName name: String) -> String? {
    name.hasPrefix("megatron.bridge.recipes.") ? name.split(separator: ".").last.map { String($0) } : nil
  }
}
