import LaunchModel
import RecipeKit

/// What the recipes of Megatron-Bridge share in every release: `recipes/common.py`, `recipes/utils/` and what `AutoBridge`
/// makes of the published models. What one release alone has stands in the files of its name.
enum BridgeRecipes {
  /// `_pretrain_common`.
  static var pretraining: RecipeGroup {
    RecipeGroup {
      documentedPretraining
      everyRun
      Train()
        .manualGCInterval(100)
        .manualGCEval(.number(100))
      Dataset()
        .split("9999,8,2")
    }
  }

  /// `_sft_common` and `_peft_common`, with `default_squad_config`.
  static var finetuning: RecipeGroup {
    RecipeGroup {
      documentedFinetuning
      everyRun
      Tokenizer()
        .tokenizerType(.huggingFace)
    }
  }

  /// The part of `_pretrain_common` that the documentation tells as well.
  static var documentedPretraining: RecipeGroup {
    RecipeGroup {
      documentedRun
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

  /// The part of `_sft_common` that the documentation tells as well.
  static var documentedFinetuning: RecipeGroup {
    RecipeGroup {
      documentedRun
      Train()
        .trainIters(1000)
        .globalBatchSize(128)
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
      Logger()
        .logInterval(1)
      RandomNumbers()
        .seed(5678)
    }
  }

  private static var documentedRun: RecipeGroup {
    RecipeGroup {
      Parallelism()
        .contextParallelSize(1)
      Train()
        .microBatchSize(1)
        .manualGC(true)
      Optimizer()
        .optimizer(.adam)
        .weightDecay(0.1)
        .clipGrad(1)
        .adamBeta1(0.9)
        .useDistributedOptimizer(true)
      Scheduler()
        .lrDecayStyle(.cosine)
        .lrWarmupInit(0)
        .startWeightDecay(0.033)
        .endWeightDecay(0.033)
        .weightDecayIncrStyle(.constant)
        .overrideOptParamScheduler(true)
      DistributedDataParallel()
        .useDistributedOptimizer(true)
        .overlapGradReduce(true)
        .overlapParamGather(true)
        .averageInCollective(true)
        .checkForNanInGrad(true)
      MixedPrecision()
        .bf16(true)
        .paramsDtype(.bf16)
        .pipelineDtype(.bf16)
        .autocastEnabled(false)
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

  private static var everyRun: RecipeGroup {
    RecipeGroup {
      Optimizer()
        .adamEps(1e-8)
        .carried("bf16", true)
      DistributedDataParallel()
        .gradReduceInFP32(true)
      MixedPrecision()
        .gradReduceInFP32(true)
      CommunicationOverlap()
        .overlapMoEExpertParallelComm(false)
        .delayWgradCompute(false)
    }
  }

  /// The style of annealing that `distributed_fused_adam_with_cosine_annealing` names from 0.5.1 on.
  static var squareRootAnnealing: RecipeGroup {
    RecipeGroup {
      Scheduler()
        .lrWSDDecayStyle(.minusSquareRoot)
    }
  }

  /// The provider that `AutoBridge` makes of a published model, with the kernels that the recipes choose.
  ///
  /// - Parameter preset: the model that the recipe is for; another one has no name on Hugging Face here.
  static func model(_ choices: RecipeChoices, _ preset: ModelPreset, on huggingFace: String) -> RecipeGroup {
    RecipeGroup {
      choices.model
      kernels
      Model()
        .kvChannels(64)
        .attentionSoftmaxInFP32(false)
        .maskedSoftmaxFusion(true)
      if choices.model.name == preset.name {
        Model()
          .carried("hf_model_id", .string(huggingFace))
      }
    }
  }

  /// What every function sets of the model that it has, however that was made.
  static var kernels: RecipeGroup {
    RecipeGroup {
      Model()
        .bf16(true)
        .carried("params_dtype", "bf16")
        .attentionBackend(nil)
        .moeFlexDispatcherBackend(.deepep)
        .carried("moe_hybridep_num_sms", 16)
        .carried("cuda_graph_scope", "full")
        .carried("offload_modules", .null)
    }
  }

  /// Which stage has which layers, in Megatron's notation; `nil` where there is one stage.
  static func layout(_ layout: String?) -> RecipeGroup {
    RecipeGroup {
      Parallelism()
        .pipelineModelParallelLayout(layout.map { .text($0) } ?? .none)
        .pipelineDataType(.bf16)
        .expertTensorParallelSize(1)
    }
  }

  /// Gradients and moments in bf16.
  static var preciseOptimizer: RecipeGroup {
    RecipeGroup {
      Optimizer()
        .usePrecisionAwareOptimizer(true)
        .mainParamsDtype(.fp32)
        .mainGradsDtype(.bf16)
        .expAvgDtype(.bf16)
        .expAvgSqDtype(.bf16)
      DistributedDataParallel()
        .gradReduceInFP32(false)
      MixedPrecision()
        .gradReduceInFP32(false)
    }
  }

  /// Garbage collected every five steps; evaluation has the same number, which Python takes for true.
  static var frequentCollection: RecipeGroup {
    RecipeGroup {
      Train()
        .manualGC(true)
        .manualGCInterval(5)
        .manualGCEval(.number(5))
    }
  }

  /// Every layer made anew, one after the other.
  static var fullRecomputation: RecipeGroup {
    RecipeGroup {
      Recompute()
        .recomputeGranularity(.full)
        .recomputeMethod(.uniform)
        .recomputeNumLayers(1)
    }
  }

  /// - Parameter targets: the default is that of the `LoRA` class, whose `linear_qkv` latent attention does not have.
  static func adapters(
    _ choices: RecipeChoices, dim: Int = 32, alpha: Int? = nil,
    _ targets: [String] = ["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"]
  ) -> RecipeGroup {
    RecipeGroup {
      if let scheme = choices.peft {
        PEFT()
          .peftScheme(scheme)
          .dim(dim)
          // `default_peft_config`.
          .alpha(alpha ?? (scheme == .dora ? 64 : 32))
          .targetModules(targets)
      }
    }
  }
}
