import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases

@testable import Planning

/// Configs to plan for.
enum PlanBases {
  static func base(
    _ recipe: Recipe = .moonlight16BPretrain, peft: PEFTScheme? = nil, _ changes: [(FieldPath, ConfigValue)] = [],
    for release: Release = .current
  ) -> LaunchConfig {
    var layer = Layer(name: "test")
    for (path, value) in changes { layer.assign(path, value, .program) }
    let choices = RecipeChoices(model: recipe.defaults.model, peft: peft, release: release)
    return LaunchConfig.resolve([recipe.layer(choices), layer], for: release)
  }

  /// A few layers and experts: small enough for every choice to be looked at one by one.
  static func small(layers: Int = 4, globalBatch: Int = 8, _ changes: [(FieldPath, ConfigValue)] = []) -> LaunchConfig {
    base(
      .moonlightTinyPretrain,
      [
        (Path.model.numLayers, .int(layers)),
        (Path.model.moeLayerFrequency, .list([0] + Array(repeating: 1, count: layers - 1))),
        (Path.train.globalBatchSize, .int(globalBatch)),
      ] + changes)
  }
}
