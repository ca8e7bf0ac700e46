import LaunchModel
import RecipeKit
import Releases

/// What the recipes of megatron-bridge 0.5.1 and of the releases before it have beside what all share.
enum Bridge051 {
  /// In `_pretrain_common`, `_sft_common` and `_peft_common`.
  static func everyRun(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      if annealsBySquareRoot.contains(choices.release) {
        BridgeRecipes.squareRootAnnealing
        Tokenizer()
          .carried("pad_vocab_size", false)
      }
    }
  }

  private static let annealsBySquareRoot = ReleaseSet.since(.bridge051)

  /// The weight that `DeepSeekV3Bridge` gives the loss of its models' balance, whatever their config.json says.
  static var lightBalance: RecipeGroup {
    RecipeGroup {
      Model()
        .moeAuxLossCoefficient(.one(1e-4))
    }
  }
}
