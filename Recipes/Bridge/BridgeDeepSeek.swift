import LaunchModel
import RecipeKit

// `recipes/deepseek/` and `recipes/kimi/` of Megatron-Bridge, as far as its releases agree: each group is what a function
// sets beside what its release adds.

extension BridgeRecipes {
  /// EP 8 with full recomputation.
  static func deepSeekV2Lite(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      pretraining
      model(choices, .deepSeekV2Lite, on: "deepseek-ai/DeepSeek-V2-Lite")
      deepSeekTokenizer
      fullRecomputation
      Cluster()
        .numNodes(1)
        .gpusPerNode(8)
      Model()
        .makeVocabSizeDivisibleBy(3200)
        .seqLength(4096)
      Parallelism()
        .expertModelParallelSize(8)
      Train()
        .trainIters(1_000_000)
        .globalBatchSize(512)
    }
  }

  /// TP 2, PP 16 and EP 64.
  static func deepSeekV3On1024GPUs(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      deepSeekV3(choices)
      layout("Et*4|(t*4|)*14tmL")
      Cluster()
        .numNodes(128)
      Parallelism()
        .pipelineModelParallelSize(16)
        .expertModelParallelSize(64)
    }
  }

  /// The same on a quarter of the GPUs: PP 8, EP 32, full recomputation.
  static func deepSeekV3On256GPUs(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      deepSeekV3(choices)
      layout("Et*8|(t*8|)*6t*5mL")
      fullRecomputation
      Cluster()
        .numNodes(32)
      Parallelism()
        .pipelineModelParallelSize(8)
        .expertModelParallelSize(32)
    }
  }

  private static func deepSeekV3(_ choices: RecipeChoices) -> RecipeGroup {
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
      Parallelism()
        .tensorModelParallelSize(2)
      Train()
        .trainIters(1_000_000)
        .globalBatchSize(4096)
    }
  }

  /// `DEFAULT_NULL_TOKENIZER_VOCAB_SIZE`.
  private static var deepSeekTokenizer: RecipeGroup {
    RecipeGroup {
      Tokenizer()
        .vocabSize(32_000)
    }
  }

  /// Muon, TP 2, PP 16 and EP 32.
  static func kimiK2(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      pretraining
      model(choices, .kimiK2, on: "moonshotai/Kimi-K2-Instruct")
      frequentCollection
      layout("Et*4|(t*4|)*14tL")
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
}
