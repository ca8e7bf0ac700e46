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

  public func recipe(named name: String) -> Recipe? {
    recipes.first { $0.name == name || $0.aliases.contains(name) }
  }

  /// The recipe that a name means to Megatron-Bridge of a release, in its files and on its command lines. That may be another
  /// one than our own of that name, which keeps the meaning of the documentation.
  ///
  /// - Returns: `nil` for a recipe that the release does not have, or that is not here.
  public func recipe(named name: String, by release: Release) -> Recipe? {
    release.recipeFunction(named: name).flatMap { recipe(named: $0) }.flatMap {
      $0.releases.contains(release) ? $0 : nil
    }
  }

  public func model(named name: String) -> ModelPreset? { models.first { $0.name == name } }

  public func releases(ofRecipe name: String) -> ReleaseSet? { recipe(named: name)?.releases }

  public func layers(ofRecipe name: String, for release: Release) -> [Layer]? {
    recipe(named: name).map { recipe in
      var choices = recipe.defaults
      choices.release = release
      return [recipe.layer(choices)]
    }
  }
}
