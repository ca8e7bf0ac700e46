import LaunchModel
import RecipeKit

/// What megatron-bridge 0.6.2 adds to what its recipes share with those of earlier releases.
enum Bridge062 {
  /// In `_pretrain_common`.
  static var pretraining: RecipeGroup {
    RecipeGroup {
      everyRun
      Tokenizer()
        .carried("use_tokenizer_vocab_size", true)
    }
  }

  /// In `_sft_common` and `_peft_common`.
  static var finetuning: RecipeGroup {
    RecipeGroup {
      everyRun
      Dataset()
        .carried("persistent_workers", false)
    }
  }

  private static var everyRun: RecipeGroup {
    RecipeGroup {
      BridgeRecipes.squareRootAnnealing
      Tokenizer()
        .carried("pad_vocab_size", false)
      // `COMMON_RECIPE_ENV_VARS`.
      EnvironmentVariables()
        .carried("NCCL_GRAPH_REGISTER", "0")
        .carried("NCCL_NVLS_ENABLE", "0")
        .carried("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
        .carried("TORCH_NCCL_AVOID_RECORD_STREAMS", "1")
        .carried("TORCH_NCCL_HIGH_PRIORITY", "1")
    }
  }

  /// The provider that `AutoBridge` makes of Moonlight as of one commit.
  static func moonlight(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      BridgeRecipes.model(choices, .moonlight16BA3B, on: BridgeRecipes.moonlightName)
      if choices.model.name == ModelPreset.moonlight16BA3B.name {
        Model()
          .carried("hf_model_revision", .string(moonlightRevision))
      }
    }
  }

  static let moonlightRevision = "476b36a473d4467f94469414bef6cee75c9c8172"

  /// HybridEP within a node of eight, and the experts' all-to-all hidden behind other micro-batches.
  static var overlappedHybridEP: RecipeGroup {
    RecipeGroup {
      Model()
        .moeTokenDispatcherType(.flex)
        .moeFlexDispatcherBackend(.hybridep)
        .carried("moe_flex_dispatcher_num_sms", 32)
        .carried("moe_hybridep_num_sms", .null)
        .moeSharedExpertOverlap(false)
        .carried("high_priority_a2a_comm_stream", true)
      CommunicationOverlap()
        .overlapMoEExpertParallelComm(true)
        .delayWgradCompute(true)
      hybridEPEnvironment
      EnvironmentVariables()
        .carried("CUDA_DEVICE_MAX_CONNECTIONS", "32")
        .carried("NUM_OF_TOKENS_PER_CHUNK_COMBINE_API", "128")
    }
  }

  /// Where HybridEP's ranks are, and the processors that it leaves to others.
  static var hybridEPEnvironment: RecipeGroup {
    RecipeGroup {
      EnvironmentVariables()
        .carried("NUM_OF_HYBRID_EP_RANKS_PER_NVLINK_DOMAIN", "8")
        .carried("NVLINK_DOMAIN_SIZE", "8")
        .carried("NVTE_BWD_LAYERNORM_SM_MARGIN", "20")
        .carried("NVTE_FWD_LAYERNORM_SM_MARGIN", "20")
        .carried("USE_MNNVL", "0")
    }
  }
}
