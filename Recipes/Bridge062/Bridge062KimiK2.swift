import LaunchModel
import RecipeKit

// `recipes/kimi/h100/kimi_k2.py` of megatron-bridge 0.6.2.

extension Recipe {
  /// Muon, TP 2, PP 16 and EP 32. The function gives the model 131072 positions and its data 4096, which the release itself
  /// refuses; here both have 4096.
  public static let kimiK2Pretrain512GPU = Recipe(
    "kimi_k2_pretrain_512gpu_h100_bf16_config",
    "Pretrains Kimi-K2 with Muon on 512 GPUs (TP 2, PP 16, EP 32), as megatron-bridge 0.6.2 does.", mode: .pretrain,
    model: .kimiK2, aliases: ["kimi_k2_pretrain_config"], releases: .only(.bridge062)
  ) { choices in
    Bridge062.pretraining
    Bridge062.model(choices, .kimiK2, on: "moonshotai/Kimi-K2-Instruct")
    Bridge062.frequentCollection
    Bridge062.layout("Et*4|(t*4|)*14tL")
    Cluster()
      .numNodes(64)
      .gpusPerNode(8)
    Model()
      .seqLength(4096)
    Parallelism()
      .tensorModelParallelSize(2)
      .pipelineModelParallelSize(16)
      .expertModelParallelSize(32)
    Recompute()
      .recomputeGranularity(.selective)
    Train()
      .trainIters(1_000_000)
      .globalBatchSize(4096)
    // `distributed_muon_with_cosine_annealing`.
    Optimizer()
      .optimizer(.distributedMuon)
      .muonUseNesterov(true)
      .adamBeta2(0.999)
      .useDistributedOptimizer(false)
    Scheduler()
      .lrWSDDecayStyle(.exponential)
    DistributedDataParallel()
      .useDistributedOptimizer(false)
      .overlapParamGather(false)
  }
}
