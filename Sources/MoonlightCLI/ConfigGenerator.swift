import CommandSupport
import ConfigDocument
import Diagnostics
import Importers
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Reporting
import Topology
import Validation

/// Makes a config from a recipe and flags.
struct ConfigGenerator {
  let recipes: RecipeBook
  let options: any GenerateCommand
  let recipe: Recipe
  let choices: RecipeChoices
  private let overrides: Overrides

  /// A config that was made, and what is wrong with it.
  struct Generated {
    let config: LaunchConfig
    let diagnostics: [Diagnostic]
  }

  /// - Parameters:
  ///   - mode: `.pretrain`, or anything else for finetuning.
  ///   - peft: the adapters asked for; `nil` leaves them to the recipe.
  init(
    _ options: some GenerateCommand, mode: TrainingMode, defaultRecipe: String, peft: PEFTChoice? = nil,
    _ session: Session
  ) throws(CommandFailure) {
    recipes = session.recipes
    overrides = options.overrides.overrides
    self.options = options
    let written = session.writtenRelease(overrides)
    recipe = try Self.recipe(options.recipe.recipe ?? defaultRecipe, for: mode, in: recipes, written)
    var choices = recipe.defaults
    if let name = options.recipe.model {
      guard let model = recipes.model(named: name) else {
        throw .usage(
          "there is no model preset `\(name)`",
          help: suggestion(for: name, among: recipes.models.map(\.name), "presets"))
      }
      choices.model = model
    }
    if let peft { choices.peft = peft.scheme }
    if let written { choices.release = written }
    guard recipe.releases.contains(choices.release) else {
      throw .usage(
        "`\(recipe.name)` is no recipe of Megatron-Bridge \(choices.release.megatronBridge)",
        help: "it is one of \(recipe.releases.versions)")
    }
    self.choices = choices
  }

  private static func recipe(_ name: String, for mode: TrainingMode, in book: RecipeBook, _ release: Release?)
    throws(CommandFailure) -> Recipe
  {
    let wanted = book.recipes.filter { ($0.mode == .pretrain) == (mode == .pretrain) }.map(\.name)
    guard let recipe = book.recipe(named: name, for: release ?? .current) else {
      throw .usage("there is no recipe `\(name)`", help: suggestion(for: name, among: wanted, "recipes"))
    }
    guard (recipe.mode == .pretrain) == (mode == .pretrain) else {
      let (task, command) = mode == .pretrain ? ("finetuning", "finetune") : ("pretraining", "pretrain")
      throw .usage("`\(name)` is a recipe for \(task)", help: "use `moonlight generate \(command) --recipe \(name)`")
    }
    return recipe
  }

  /// - Parameter addFlags: adds the flags of one kind of `generate`; they win over the shared ones.
  func generate(addFlags: (inout FlagLayer) -> Void) throws(CommandFailure) -> Generated {
    var flags = FlagLayer()
    if options.parallelism.enableDeepEP { adopt("--enable-deepep", FeatureSwitch.deepEP, into: &flags) }
    if options.parallelism.applyRopeFusion { adopt("--apply-rope-fusion", FeatureSwitch.ropeFusion, into: &flags) }
    if let kind = options.training.optimizerType, kind.hasSuffix("muon") {
      adopt("--optimizer-type", FeatureSwitch.muon(for: choices.release), into: &flags)
    }
    if let path = options.recipe.hfConfig {
      let settings = try HuggingFaceModel(path: path, for: choices.release).settings
      flags.adopt("--hf-config", settings.map { Layer.Assignment($0.path, $0.value, .program) })
    }
    options.recipe.contribute(to: &flags)
    options.data.contribute(to: &flags)
    options.parallelism.contribute(to: &flags)
    options.training.contribute(to: &flags)
    addFlags(&flags)

    flags.set(
      "--layout", Path.parallelism.pipelineModelParallelLayout, try layout(for: draft(flags).config),
      written: options.parallelism.layout.flatMap { ["documented", "even", "balanced"].contains($0) ? $0 : nil })
    let (draft, misread) = draft(flags)
    let config = draft.withCanonicalLayout()
    return Generated(config: config, diagnostics: Validator.diagnostics(RunFacts(config), reading: misread))
  }

  /// The config with the flags so far and `--set`, and what is wrong with these.
  func draft(_ flags: FlagLayer) -> (config: LaunchConfig, diagnostics: [Diagnostic]) {
    let set = overrides.reading(for: choices.release)
    let config = LaunchConfig.resolve([recipe.layer(choices), flags.layer, set.layer], for: choices.release)
    return (config, flags.diagnostics + set.diagnostics)
  }

  private func adopt(_ flag: String, _ group: RecipeGroup, into flags: inout FlagLayer) {
    flags.adopt(flag, group.settings.map { Layer.Assignment($0.path, $0.value, .program) })
  }

  /// What `--layout` means for the stages that the other flags ask for.
  private func layout(for draft: LaunchConfig) throws(CommandFailure) -> ConfigValue? {
    guard let text = options.parallelism.layout else { return try balancedByWeights(for: draft) }
    let choice = LayoutChoice(text)
    guard choice == .balanced else {
      if options.parallelism.hasBalancing {
        throw .usage(
          "--weights and --allow-empty-stages are for `--layout balanced`", help: "leave `--layout \(text)` out")
      }
      return try choice.value(for: draft)
    }
    if let value = try balancedByWeights(for: draft) { return value }
    return try choice.value(for: draft)
  }

  /// The balanced layout that no derivation would make: by weights of the user's, or with empty stages.
  private func balancedByWeights(for draft: LaunchConfig) throws(CommandFailure) -> ConfigValue? {
    guard options.parallelism.hasBalancing else { return nil }
    let weights = try WeightInput(options.parallelism.weights).read(for: draft)
    let balanced: BalancedLayout?
    do throws(BalanceError) {
      balanced = try draft.balancedLayout(
        allowEmptyStages: options.parallelism.allowEmptyStages, weights: weights?.weights)
    } catch {
      throw CommandFailure("the layers cannot be balanced: \(error.message)", status: .failure)
    }
    return balanced.map { .string($0.layout.megatronString) }
  }
}

/// The nearest name, or all of them.
func suggestion(for written: String, among names: [String], _ kind: String) -> String {
  nearestName(to: written, among: names).map { "did you mean `\($0)`?" } ?? "\(kind): \(names.joined(separator: ", "))"
}
