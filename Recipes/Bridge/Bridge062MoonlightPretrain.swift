import LaunchModel
import RecipeKit

// `recipes/moonlight/h100/moonlight_16b.py` of megatron-bridge 0.6.2.

extension Recipe {
  /// TP 2 and EP 8 on eight GPUs.
  public static let moonlight16BPretrain8GPU = Recipe(
    "moonlight_16b_pretrain_8gpu_h100_bf16_config",
    "Pretrains Moonlight-16B-A3B on 8 GPUs (TP 2, EP 8), as megatron-bridge 0.6.2 does.", mode: .pretrain,
    model: .moonlight16BA3B, releases: .only(.bridge062)
  ) { choices in
    Bridge062.moonlightPretraining(choices)
    BridgeRecipes.moonlightOnEightGPUs
  }

  /// A hundred steps without tensor parallelism and recomputation: HybridEP within each node.
  public static let moonlight16BPretrain16GPU = Recipe(
    "moonlight_16b_pretrain_16gpu_h100_bf16_config",
    "Pretrains Moonlight-16B-A3B for 100 steps on 16 GPUs (TP 1, EP 8, HybridEP), as megatron-bridge 0.6.2 does.",
    mode: .pretrain, model: .moonlight16BA3B, releases: .only(.bridge062)
  ) { choices in
    Bridge062.moonlightPretraining(choices)
    Bridge062.overlappedHybridEP
    Cluster()
      .numNodes(2)
      .gpusPerNode(8)
    Model()
      .carried("moe_router_fusion", true)
    Parallelism()
      .tensorModelParallelSize(1)
      .expertModelParallelSize(8)
    Recompute()
      .recomputeGranularity(nil)
    Train()
      .trainIters(100)
      .globalBatchSize(1024)
      .microBatchSize(2)
    Scheduler()
      .lrWarmupIters(40)
    Checkpoint()
      .load(nil)
      .saveInterval(50)
  }
}

extension Bridge062 {
  fileprivate static func moonlightPretraining(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      BridgeRecipes.pretraining
      pretraining
      moonlight(choices)
      BridgeRecipes.moonlightPretraining
    }
  }
}
