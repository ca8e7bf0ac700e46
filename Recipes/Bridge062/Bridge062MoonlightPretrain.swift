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
    Cluster()
      .numNodes(1)
      .gpusPerNode(8)
    Parallelism()
      .tensorModelParallelSize(2)
      .expertModelParallelSize(8)
    Recompute()
      .recomputeGranularity(.selective)
    Train()
      .trainIters(500_000)
      .globalBatchSize(2048)
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
      pretraining
      moonlight(choices)
      preciseOptimizer
      frequentCollection
      layout(nil)
      Model()
        .seqLength(4096)
      Dataset()
        .split("99990,8,2")
    }
  }

  static func moonlight(_ choices: RecipeChoices) -> RecipeGroup {
    model(choices, .moonlight16BA3B, on: moonlightName, revision: moonlightRevision)
  }

  static let moonlightName = "moonshotai/Moonlight-16B-A3B"
  static let moonlightRevision = "476b36a473d4467f94469414bef6cee75c9c8172"
}
