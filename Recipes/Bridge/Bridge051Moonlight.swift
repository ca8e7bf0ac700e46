import LaunchModel
import RecipeKit
import Releases

// `recipes/moonlight/moonlight_16b.py` of megatron-bridge 0.3.1 and 0.5.1. Their functions have the names that this package's
// own recipes answer to, so these stand under the whole names of the functions.

extension Recipe {
  /// TP 2 and EP 8.
  public static let bridgeMoonlight16BPretrain = Recipe(
    "megatron.bridge.recipes.moonlight.moonlight_16b_pretrain_config",
    "Pretrains Moonlight-16B-A3B (TP 2, EP 8), as megatron-bridge 0.3.1 and 0.5.1 do.", mode: .pretrain,
    model: .moonlight16BA3B, releases: .until(.bridge051)
  ) { choices in
    BridgeRecipes.pretraining
    Bridge051.everyRun(choices)
    BridgeRecipes.model(choices, .moonlight16BA3B, on: BridgeRecipes.moonlightName)
    Bridge051.lightBalance
    BridgeRecipes.moonlightPretraining
    BridgeRecipes.moonlightOnEightGPUs
  }

  /// TP 2 and EP 8, packs of 4096.
  public static let bridgeMoonlight16BSFT = Recipe(
    "megatron.bridge.recipes.moonlight.moonlight_16b_sft_config",
    """
    Finetunes all weights (TP 2, EP 8), as megatron-bridge 0.3.1 and 0.5.1 do: a model of Moonlight's size without latent \
    attention, which holds no weights of Moonlight's and which 0.3.1 itself refuses to build.
    """, mode: .sft, model: .moonlight16BA3B, releases: .until(.bridge051)
  ) { choices in
    Bridge051.moonlightFinetuning(choices)
    Cluster()
      .numNodes(1)
      .gpusPerNode(8)
    Parallelism()
      .tensorModelParallelSize(2)
      .expertModelParallelSize(8)
    Optimizer()
      .lr(5e-6)
  }

  /// Adapters on two GPUs.
  public static let bridgeMoonlight16BPEFT = Recipe(
    "megatron.bridge.recipes.moonlight.moonlight_16b_peft_config",
    """
    Trains adapters of rank 32 (EP 2), as megatron-bridge 0.3.1 and 0.5.1 do: on a model of Moonlight's size without latent \
    attention, which holds no weights of Moonlight's and which 0.3.1 itself refuses to build.
    """, mode: .peft, model: .moonlight16BA3B, peft: .lora, releases: .until(.bridge051)
  ) { choices in
    Bridge051.moonlightFinetuning(choices)
    BridgeRecipes.adaptersOnTwoGPUs
  }
}

extension Bridge051 {
  fileprivate static func moonlightFinetuning(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      BridgeRecipes.finetuning
      everyRun(choices)
      choices.model
      BridgeRecipes.kernels
      valuesOfBaseClass
      if ReleaseSet.until(.bridge031).contains(choices.release) { valuesOfMoonlightProvider }
      Dataset()
        .carried("rewrite", false)
      if ReleaseSet.since(.bridge051).contains(choices.release) {
        Dataset()
          .datasetName("rajpurkar/squad")
      }
      MoonlightDefaults.rowsOfTokenizer(choices)
      BridgeRecipes.moonlightFinetuning(choices)
      Tokenizer()
        .tokenizerModel(BridgeRecipes.moonlightName)
        .hfTokenizerKwargs(["trust_remote_code": true])
    }
  }

  /// What `MLAModelProvider` leaves to `GPTModelProvider` where a function does not say it, `multi_latent_attention` first of
  /// all: of two base classes with a default, the later one's counts.
  private static var valuesOfBaseClass: RecipeGroup {
    RecipeGroup {
      Model()
        .multiLatentAttention(false)
        .kvChannels(16)
        .numQueryGroups(nil)
        .attentionDropout(0.1)
        .hiddenDropout(0.1)
        .attentionSoftmaxInFP32(true)
        .maskedSoftmaxFusion(false)
        .biasActivationFusion(false)
        .biasDropoutFusion(false)
        .gradientAccumulationFusion(false)
        .persistLayerNorm(false)
        .moeRouterDataType(nil)
        .moeRouterLoadBalancingType(.one(.auxLoss))
        .moeRouterPreSoftmax(false)
    }
  }

  /// What `MoonlightModelProvider16B` of 0.3.1 leaves to it as well.
  private static var valuesOfMoonlightProvider: RecipeGroup {
    RecipeGroup {
      Model()
        .normalization(.layerNorm)
        .qkLayernorm(false)
        .activationFunction(.gelu)
        .gatedLinearUnit(false)
        .addBiasLinear(true)
        .positionEmbeddingType(.learnedAbsolute)
        .shareEmbeddingsAndOutputWeights(true)
        .maxPositionEmbeddings(4096)
        .bf16(false)
        .carried("params_dtype", "fp32")
    }
  }
}
