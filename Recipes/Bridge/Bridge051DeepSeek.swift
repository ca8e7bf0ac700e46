import LaunchModel
import RecipeKit
import Releases

// `recipes/deepseek/` and `recipes/kimi/kimi_k2.py` of megatron-bridge 0.3.1 and 0.5.1.

extension Recipe {
  public static let deepSeekV2LitePretrain = Recipe(
    "deepseek_v2_lite_pretrain_config",
    "Pretrains DeepSeek-V2-Lite (EP 8), as megatron-bridge 0.3.1 and 0.5.1 do.", mode: .pretrain,
    model: .deepSeekV2Lite, releases: .until(.bridge051)
  ) { choices in
    Bridge051.everyRun(choices)
    BridgeRecipes.deepSeekV2Lite(choices)
    if ReleaseSet.until(.bridge031).contains(choices.release) {
      // `AutoBridge` of that release passes the null of config.json over, which leaves the class's default.
      Model()
        .qLoraRank(512)
    }
  }

  public static let deepSeekV3Pretrain = Recipe(
    "deepseek_v3_pretrain_config",
    "Pretrains DeepSeek-V3 on 1024 GPUs (TP 2, PP 16, EP 64), as megatron-bridge 0.3.1 and 0.5.1 do.", mode: .pretrain,
    model: .deepSeekV3, releases: .until(.bridge051)
  ) { choices in
    Bridge051.everyRun(choices)
    BridgeRecipes.deepSeekV3On1024GPUs(choices)
    Bridge051.lightBalance
    if ReleaseSet.until(.bridge031).contains(choices.release) {
      Recompute()
        .recomputeGranularity(.selective)
    } else {
      Bridge051.offloadsNothing
    }
  }

  public static let deepSeekV3Pretrain32Nodes = Recipe(
    "deepseek_v3_pretrain_config_32nodes",
    "Pretrains DeepSeek-V3 on 256 GPUs (TP 2, PP 8, EP 32), as megatron-bridge 0.3.1 and 0.5.1 do.", mode: .pretrain,
    model: .deepSeekV3, releases: .until(.bridge051)
  ) { choices in
    Bridge051.everyRun(choices)
    BridgeRecipes.deepSeekV3On256GPUs(choices)
    Bridge051.lightBalance
    if ReleaseSet.since(.bridge051).contains(choices.release) { Bridge051.offloadsNothing }
  }

  public static let kimiK2Pretrain = Recipe(
    "kimi_k2_pretrain_config",
    "Pretrains Kimi-K2 with Muon (TP 2, PP 16, EP 32), as megatron-bridge 0.3.1 and 0.5.1 do.", mode: .pretrain,
    model: .kimiK2, releases: .until(.bridge051)
  ) { choices in
    Bridge051.everyRun(choices)
    BridgeRecipes.kimiK2(choices)
    if ReleaseSet.until(.bridge031).contains(choices.release) {
      // `KimiK2Provider`.
      Model()
        .initMethodStd(0.006)
        .numQueryGroups(nil)
        .mtpLossScalingFactor(nil)
        .carried("hf_model_id", .null)
    } else {
      Bridge051.lightBalance
    }
  }
}

extension Bridge051 {
  fileprivate static var offloadsNothing: RecipeGroup {
    RecipeGroup {
      Model()
        .carried("offload_modules", [])
    }
  }
}
