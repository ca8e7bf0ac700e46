import LaunchModel
import RecipeKit

// `recipes/deepseek/h100/` and `recipes/kimi/h100/kimi_k2.py` of megatron-bridge 0.6.2.

extension Recipe {
  /// EP 8 with full recomputation.
  public static let deepSeekV2LitePretrain8GPU = Recipe(
    "deepseek_v2_lite_pretrain_8gpu_h100_bf16_config",
    "Pretrains DeepSeek-V2-Lite on 8 GPUs (EP 8), as megatron-bridge 0.6.2 does.", mode: .pretrain,
    model: .deepSeekV2Lite, aliases: ["deepseek_v2_lite_pretrain_config"], releases: .only(.bridge062)
  ) { choices in
    Bridge062.pretraining
    BridgeRecipes.deepSeekV2Lite(choices)
  }

  /// TP 2, PP 16 and EP 64.
  public static let deepSeekV3Pretrain1024GPU = Recipe(
    "deepseek_v3_pretrain_1024gpu_h100_bf16_config",
    "Pretrains DeepSeek-V3 on 1024 GPUs (TP 2, PP 16, EP 64), as megatron-bridge 0.6.2 does.", mode: .pretrain,
    model: .deepSeekV3, aliases: ["deepseek_v3_pretrain_config"], releases: .only(.bridge062)
  ) { choices in
    Bridge062.pretraining
    BridgeRecipes.deepSeekV3On1024GPUs(choices)
    Bridge062.deepSeekV3
  }

  /// The same on a quarter of the GPUs: PP 8, EP 32, full recomputation.
  public static let deepSeekV3Pretrain256GPU = Recipe(
    "deepseek_v3_pretrain_256gpu_h100_bf16_32nodes_config",
    "Pretrains DeepSeek-V3 on 256 GPUs (TP 2, PP 8, EP 32), as megatron-bridge 0.6.2 does.", mode: .pretrain,
    model: .deepSeekV3, aliases: ["deepseek_v3_pretrain_config_32nodes"], releases: .only(.bridge062)
  ) { choices in
    Bridge062.pretraining
    BridgeRecipes.deepSeekV3On256GPUs(choices)
    Bridge062.deepSeekV3
  }

  /// Muon, TP 2, PP 16 and EP 32. The function gives the model 131072 positions and its data 4096, which the release itself
  /// refuses; here both have 4096.
  public static let kimiK2Pretrain512GPU = Recipe(
    "kimi_k2_pretrain_512gpu_h100_bf16_config",
    "Pretrains Kimi-K2 with Muon on 512 GPUs (TP 2, PP 16, EP 32), as megatron-bridge 0.6.2 does.", mode: .pretrain,
    model: .kimiK2, aliases: ["kimi_k2_pretrain_config"], releases: .only(.bridge062)
  ) { choices in
    Bridge062.pretraining
    BridgeRecipes.kimiK2(choices)
  }
}

extension Bridge062 {
  fileprivate static var deepSeekV3: RecipeGroup {
    RecipeGroup {
      Model()
        .carried("offload_modules", [])
      hybridEPEnvironment
    }
  }
}
