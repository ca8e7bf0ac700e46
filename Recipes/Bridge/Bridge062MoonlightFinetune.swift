import LaunchModel
import RecipeKit

// `recipes/moonlight/h100/moonlight_16b.py` of megatron-bridge 0.6.2.

extension Recipe {
  /// TP 4, PP 2 and EP 4 on eight GPUs.
  public static let moonlight16BSFT8GPU = Recipe(
    "moonlight_16b_sft_8gpu_h100_bf16_config",
    "Finetunes all weights of Moonlight-16B-A3B on 8 GPUs (TP 4, PP 2, EP 4), as megatron-bridge 0.6.2 does.",
    mode: .sft, model: .moonlight16BA3B, releases: .only(.bridge062)
  ) { choices in
    Bridge062.moonlightFullFinetuning(choices)
    Bridge062.shortRun
    BridgeRecipes.packed(into: 2048, multiple: 4)
    BridgeRecipes.layout("Et*14|t*13L")
    if choices.model.name == ModelPreset.moonlight16BA3B.name {
      Model()
        // The tokenizer's 163842 entries, padded to a multiple of TP.
        .vocabSize(163_844)
    }
    Parallelism()
      .tensorModelParallelSize(4)
      .pipelineModelParallelSize(2)
      .expertModelParallelSize(4)
    Recompute()
      .recomputeGranularity(.selective)
  }

  /// EP 8 alone, HybridEP, packs of 8192.
  public static let moonlight16BSFT8GPUTP1 = Recipe(
    "moonlight_16b_sft_8gpu_h100_bf16_tp1_config",
    "Finetunes all weights of Moonlight-16B-A3B on 8 GPUs (TP 1, EP 8, HybridEP), as megatron-bridge 0.6.2 does.",
    mode: .sft, model: .moonlight16BA3B, releases: .only(.bridge062)
  ) { choices in
    Bridge062.moonlightFullFinetuning(choices)
    Bridge062.shortRun
    BridgeRecipes.packed(into: 8192, multiple: 1)
    BridgeRecipes.layout(nil)
    BridgeRecipes.preciseOptimizer
    Bridge062.overlappedHybridEP
    Model()
      .carried("moe_router_fusion", true)
    Parallelism()
      .tensorModelParallelSize(1)
      .expertModelParallelSize(8)
    Train()
      .globalBatchSize(8)
  }

  /// TP 2, CP 2 and EP 8, twenty steps of long sequences.
  public static let moonlight16BSFT8GPU8K = Recipe(
    "moonlight_16b_sft_8gpu_h100_bf16_8k_config",
    """
    Finetunes all weights of Moonlight-16B-A3B on 8 GPUs with sequences of 8192 (TP 2, CP 2, EP 8), as megatron-bridge \
    0.6.2 does.
    """, mode: .sft, model: .moonlight16BA3B, aliases: ["moonlight_16b_sft_8k_config"], releases: .only(.bridge062)
  ) { choices in
    Bridge062.moonlightFullFinetuning(choices)
    Bridge062.shortRun
    BridgeRecipes.packed(into: 8192, multiple: 4)
    BridgeRecipes.layout(nil)
    BridgeRecipes.preciseOptimizer
    BridgeRecipes.frequentCollection
    Model()
      .crossEntropyLossFusion(false)
      .calculatePerTokenLoss(true)
    Parallelism()
      .tensorModelParallelSize(2)
      .contextParallelSize(2)
      .expertModelParallelSize(8)
    Recompute()
      .recomputeGranularity(.selective)
    Train()
      .trainIters(20)
      .globalBatchSize(128)
    Evaluation()
      .evalInterval(0)
      .evalIters(0)
    Optimizer()
      .lr(1e-6)
      .adamBeta2(0.98)
      .adamEps(1e-5)
    Scheduler()
      .lrWarmupIters(2)
    DistributedDataParallel()
      .averageInCollective(false)
    Checkpoint()
      .saveInterval(50)
  }

  /// Adapters on two GPUs. Their targets are the release's default, of which latent attention has no `linear_qkv`.
  public static let moonlight16BPEFT2GPU = Recipe(
    "moonlight_16b_peft_2gpu_h100_bf16_config",
    """
    Trains adapters of rank 32 on Moonlight-16B-A3B on 2 GPUs (EP 2), as megatron-bridge 0.6.2 does: on the output \
    projections and the MLPs.
    """, mode: .peft, model: .moonlight16BA3B, peft: .lora, releases: .only(.bridge062)
  ) { choices in
    Bridge062.moonlightFinetuning(choices)
    BridgeRecipes.moonlightFinetuning(choices)
    BridgeRecipes.adaptersOnTwoGPUs
  }

  /// Adapters of rank 8 on the projections of attention.
  public static let moonlight16BPEFT4GPU = Recipe(
    "moonlight_16b_peft_4gpu_h100_bf16_config",
    "Trains adapters of rank 8 on Moonlight-16B-A3B's attention on 4 GPUs (EP 4), as megatron-bridge 0.6.2 does.",
    mode: .peft, model: .moonlight16BA3B, peft: .lora, releases: .only(.bridge062)
  ) { choices in
    Bridge062.moonlightFinetuning(choices)
    BridgeRecipes.adapters(choices, dim: 8, alpha: 16, MoonlightDefaults.attentionProjections)
    Bridge062.shortRun
    BridgeRecipes.packed(into: 2048, multiple: 4)
    BridgeRecipes.layout(nil)
    Cluster()
      .numNodes(1)
      .gpusPerNode(4)
    Model()
      .carried("moe_router_fusion", true)
    Parallelism()
      .expertModelParallelSize(4)
    Optimizer()
      .lr(1e-4)
  }
}

extension Bridge062 {
  fileprivate static func moonlightFinetuning(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      BridgeRecipes.finetuning
      finetuning
      moonlight(choices)
      MoonlightDefaults.rowsOfTokenizer(choices)
      Tokenizer()
        .tokenizerModel(BridgeRecipes.moonlightName)
        .hfTokenizerKwargs(["revision": .string(moonlightRevision), "trust_remote_code": true])
    }
  }

  fileprivate static func moonlightFullFinetuning(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      moonlightFinetuning(choices)
      Cluster()
        .numNodes(1)
        .gpusPerNode(8)
      Optimizer()
        .lr(5e-6)
      BridgeRecipes.adapters(choices, MoonlightDefaults.attentionProjections)
    }
  }

  /// `_apply_moonlight_16b_finetuning_convergence_contract`.
  fileprivate static var shortRun: RecipeGroup {
    RecipeGroup {
      Train()
        .trainIters(100)
        .globalBatchSize(32)
        .manualGC(true)
        .manualGCInterval(100)
        .manualGCEval(.number(100))
      Evaluation()
        .evalIters(10)
      Optimizer()
        .adamBeta2(0.95)
      Scheduler()
        .lrWarmupIters(10)
      Dataset()
        .randomSeed(1234)
      Checkpoint()
        .load(nil)
        .saveInterval(100)
    }
  }
}
