import LaunchModel
import RecipeKit
import Releases

/// What the Moonlight recipes share; values are those of Megatron-Bridge's documented Moonlight recipes.
enum MoonlightDefaults {
  static func pretraining(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      choices.model
      BridgeRecipes.documentedPretraining
      everyRun
      Cluster()
        .numNodes(2)
        .gpusPerNode(8)
      Parallelism()
        .tensorModelParallelSize(2)
        .pipelineModelParallelSize(1)
        .expertModelParallelSize(8)
      Train()
        .trainIters(500_000)
        .globalBatchSize(2048)
    }
  }

  static func finetuning(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      choices.model
      BridgeRecipes.documentedFinetuning
      everyRun
      Checkpoint()
        .saveInterval(50)
      BridgeRecipes.adapters(choices, attentionProjections)
      if choices.peft != nil {
        // No checkpoint of adapters would have what it moved.
        Model()
          .moeRouterBiasUpdateRate(0)
      }
    }
  }

  /// The projections that multi-latent attention has. Upstream's default, `linear_qkv`, does not exist in it, and DoRA
  /// cannot wrap grouped experts.
  static let attentionProjections = ["linear_q_proj", "linear_kv_down_proj", "linear_kv_up_proj", "linear_proj"]

  /// A row for each entry of the tokenizer, which has two more than the released checkpoint has rows: Megatron-Bridge
  /// refuses a model with fewer. Its loader leaves the two as they are initialised.
  static func rowsOfTokenizer(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      if choices.model.name == ModelPreset.moonlight16BA3B.name {
        Model()
          .vocabSize(163_842)
      }
    }
  }

  private static var everyRun: RecipeGroup {
    RecipeGroup {
      BridgeRecipes.preciseOptimizer
      Model()
        .seqLength(4096)
      Parallelism()
        .expertTensorParallelSize(1)
        .pipelineModelParallelLayout(.automatic)
        .pipelineDataType(.bf16)
      Recompute()
        .recomputeGranularity(.selective)
      Train()
        .manualGCInterval(5)
        .manualGCEval(.bool(true))
      Optimizer()
        .adamEps(1e-5)
    }
  }

  /// Muon as in "Muon is Scalable for LLM Training": momentum 0.95 with Nesterov, five Newton-Schulz steps with the
  /// paper's one triple of coefficients, updates scaled by 0.2 √max(rows, columns). Megatron's Muon excludes the
  /// distributed optimizer and the precision-aware one; whole matrices are spread over replicas instead.
  static func muon(for release: Release) -> RecipeGroup {
    RecipeGroup {
      if release.hasLayerWiseSwitch {
        Optimizer()
          .optimizer(.muon)
          .useLayerWiseDistributedOptimizer(true)
      } else {
        Optimizer()
          .optimizer(.distributedMuon)
      }
      Optimizer()
        .muonMomentum(0.95)
        .muonUseNesterov(true)
        .muonNumNSSteps(5)
        .muonCoefficientType("simple")
        .muonScaleMode(.spectral)
        .muonExtraScaleFactor(0.2)
        .muonTPMode(.duplicated)
        .adamEps(1e-8)
        .useDistributedOptimizer(false)
        .usePrecisionAwareOptimizer(false)
        .mainGradsDtype(.fp32)
        .expAvgDtype(.fp32)
        .expAvgSqDtype(.fp32)
      DistributedDataParallel()
        .useDistributedOptimizer(false)
        .overlapGradReduce(false)
        .overlapParamGather(false)
        .gradReduceInFP32(true)
      MixedPrecision()
        .gradReduceInFP32(true)
    }
  }

  /// One process, everything in fp32, bytes as tokens: what the CPU engine is for.
  static var oneProcessor: RecipeGroup {
    RecipeGroup {
      Cluster()
        .numNodes(1)
        .gpusPerNode(1)
      Model()
        .seqLength(256)
      Parallelism()
        .tensorModelParallelSize(1)
        .pipelineModelParallelSize(1)
        .expertModelParallelSize(1)
        .pipelineDataType(.fp32)
      Recompute()
        .recomputeGranularity(nil)
      Train()
        .microBatchSize(4)
      Optimizer()
        .usePrecisionAwareOptimizer(false)
        .mainGradsDtype(.fp32)
        .expAvgDtype(.fp32)
        .expAvgSqDtype(.fp32)
        .adamEps(1e-8)
      DistributedDataParallel()
        .gradReduceInFP32(true)
      MixedPrecision()
        .bf16(false)
        .fp32(true)
        .paramsDtype(.fp32)
        .pipelineDtype(.fp32)
        .gradReduceInFP32(true)
      Tokenizer()
        .tokenizerType(.byteLevel)
        .tokenizerModel(nil)
        .hfTokenizerKwargs([:])
      Dataset()
        .numWorkers(0)
      Logger()
        .logInterval(10)
    }
  }
}
