import LaunchModel
import RecipeKit

// `recipes/deepseek/h100/` of megatron-bridge 0.6.2.

extension Recipe {
  /// EP 8 with full recomputation.
  public static let deepSeekV2LitePretrain8GPU = Recipe(
    "deepseek_v2_lite_pretrain_8gpu_h100_bf16_config",
    "Pretrains DeepSeek-V2-Lite on 8 GPUs (EP 8), as megatron-bridge 0.6.2 does.", mode: .pretrain,
    model: .deepSeekV2Lite, aliases: ["deepseek_v2_lite_pretrain_config"], releases: .only(.bridge062)
  ) { choices in
    Bridge062.pretraining
    Bridge062.model(choices, .deepSeekV2Lite, on: "deepseek-ai/DeepSeek-V2-Lite")
    Bridge062.deepSeekTokenizer
    Cluster()
      .numNodes(1)
      .gpusPerNode(8)
    Model()
      .makeVocabSizeDivisibleBy(3200)
      .seqLength(4096)
    Parallelism()
      .expertModelParallelSize(8)
    Recompute()
      .recomputeGranularity(.full)
      .recomputeMethod(.uniform)
      .recomputeNumLayers(1)
    Train()
      .trainIters(1_000_000)
      .globalBatchSize(512)
  }

  /// TP 2, PP 16 and EP 64.
  public static let deepSeekV3Pretrain1024GPU = Recipe(
    "deepseek_v3_pretrain_1024gpu_h100_bf16_config",
    "Pretrains DeepSeek-V3 on 1024 GPUs (TP 2, PP 16, EP 64), as megatron-bridge 0.6.2 does.", mode: .pretrain,
    model: .deepSeekV3, aliases: ["deepseek_v3_pretrain_config"], releases: .only(.bridge062)
  ) { choices in
    Bridge062.deepSeekV3(choices)
    Bridge062.layout("Et*4|(t*4|)*14tmL")
    Cluster()
      .numNodes(128)
    Parallelism()
      .pipelineModelParallelSize(16)
      .expertModelParallelSize(64)
  }

  /// The same on a quarter of the GPUs: PP 8, EP 32, full recomputation.
  public static let deepSeekV3Pretrain256GPU = Recipe(
    "deepseek_v3_pretrain_256gpu_h100_bf16_32nodes_config",
    "Pretrains DeepSeek-V3 on 256 GPUs (TP 2, PP 8, EP 32), as megatron-bridge 0.6.2 does.", mode: .pretrain,
    model: .deepSeekV3, aliases: ["deepseek_v3_pretrain_config_32nodes"], releases: .only(.bridge062)
  ) { choices in
    Bridge062.deepSeekV3(choices)
    Bridge062.layout("Et*8|(t*8|)*6t*5mL")
    Cluster()
      .numNodes(32)
    Parallelism()
      .pipelineModelParallelSize(8)
      .expertModelParallelSize(32)
    Recompute()
      .recomputeGranularity(.full)
      .recomputeMethod(.uniform)
      .recomputeNumLayers(1)
  }
}

extension Bridge062 {
  fileprivate static func deepSeekV3(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      pretraining
      model(choices, .deepSeekV3, on: "deepseek-ai/DeepSeek-V3")
      preciseOptimizer
      frequentCollection
      deepSeekTokenizer
      Cluster()
        .gpusPerNode(8)
      Model()
        .seqLength(4096)
        .mtpNumLayers(1)
        .mtpLossScalingFactor(0.1)
        .initMethodStd(0.006)
        .moeTokenDispatcherType(.flex)
        .moeFlexDispatcherBackend(.hybridep)
        .moeSharedExpertOverlap(false)
        .carried("offload_modules", [])
      Parallelism()
        .tensorModelParallelSize(2)
      Train()
        .trainIters(1_000_000)
        .globalBatchSize(4096)
      hybridEPEnvironment
    }
  }

  /// `DEFAULT_NULL_TOKENIZER_VOCAB_SIZE`.
  fileprivate static var deepSeekTokenizer: RecipeGroup {
    RecipeGroup {
      Tokenizer()
        .vocabSize(32_000)
    }
  }
}
