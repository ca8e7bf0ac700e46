import LaunchModel
import RecipeKit
import Releases

/// What the Moonlight recipes share; values are those of Megatron-Bridge's documented Moonlight recipes.
enum MoonlightDefaults {
  static func pretraining(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      choices.model
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
        .microBatchSize(1)
      Evaluation()
        .evalInterval(2000)
        .evalIters(32)
      Optimizer()
        .lr(3e-4)
        .minLR(3e-5)
        .adamBeta2(0.95)
      Scheduler()
        .lrWarmupIters(2000)
      Dataset()
        .randomSeed(1234)
        .numWorkers(8)
        .dataloaderType(.single)
      Tokenizer()
        .tokenizerType(.null)
      Checkpoint()
        .saveInterval(2000)
      Logger()
        .logInterval(10)
      RandomNumbers()
        .seed(1234)
    }
  }

  static func finetuning(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      choices.model
      everyRun
      Train()
        .trainIters(1000)
        .globalBatchSize(128)
        .microBatchSize(1)
      Evaluation()
        .evalInterval(50)
        .evalIters(32)
      Optimizer()
        .minLR(0)
        .adamBeta2(0.98)
      Scheduler()
        .lrWarmupIters(50)
      Dataset()
        .datasetName("squad")
        .randomSeed(5678)
        .numWorkers(1)
        .dataloaderType(.batch)
        .valProportion(0.1)
        .doTest(false)
      Checkpoint()
        .saveInterval(50)
      Logger()
        .logInterval(1)
      RandomNumbers()
        .seed(5678)
      if let scheme = choices.peft {
        PEFT()
          .peftScheme(scheme)
          .dim(32)
          .alpha(scheme == .dora ? 64 : 32)
          .targetModules(attentionProjections)
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

  /// Number formats, communication, housekeeping.
  private static var everyRun: RecipeGroup {
    RecipeGroup {
      Model()
        .seqLength(4096)
      Parallelism()
        .contextParallelSize(1)
        .expertTensorParallelSize(1)
        .pipelineModelParallelLayout(.automatic)
        .pipelineDataType(.bf16)
      Recompute()
        .recomputeGranularity(.selective)
      Train()
        .manualGC(true)
        .manualGCInterval(5)
        .manualGCEval(.bool(true))
      Optimizer()
        .optimizer(.adam)
        .weightDecay(0.1)
        .clipGrad(1)
        .adamBeta1(0.9)
        .adamEps(1e-5)
        .useDistributedOptimizer(true)
        .usePrecisionAwareOptimizer(true)
        .mainParamsDtype(.fp32)
        .mainGradsDtype(.bf16)
        .expAvgDtype(.bf16)
        .expAvgSqDtype(.bf16)
      Scheduler()
        .lrDecayStyle(.cosine)
        .lrWarmupInit(0)
        .startWeightDecay(0.033)
        .endWeightDecay(0.033)
        .weightDecayIncrStyle(.constant)
        .overrideOptParamScheduler(true)
      DistributedDataParallel()
        .useDistributedOptimizer(true)
        .gradReduceInFP32(false)
        .overlapGradReduce(true)
        .overlapParamGather(true)
        .averageInCollective(true)
        .checkForNanInGrad(true)
      MixedPrecision()
        .bf16(true)
        .paramsDtype(.bf16)
        .pipelineDtype(.bf16)
        .autocastEnabled(false)
        .gradReduceInFP32(false)
      CommunicationOverlap()
        .tpCommOverlap(false)
      Checkpoint()
        .ckptFormat(.torchDist)
        .fullyParallelSave(true)
        .asyncSave(false)
      Logger()
        .logTimersToTensorboard(true)
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
