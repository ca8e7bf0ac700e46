import LaunchModel
import RecipeKit

/// What the recipes of megatron-bridge 0.6.2 share: `recipes/common.py`, `recipes/utils/` and what `AutoBridge` makes of
/// the published models.
enum Bridge062 {
  /// `_pretrain_common`.
  static var pretraining: RecipeGroup {
    RecipeGroup {
      everyRun
      Parallelism()
        .contextParallelSize(1)
      Train()
        .manualGC(true)
        .manualGCInterval(100)
        .manualGCEval(.number(100))
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
      DistributedDataParallel()
        .overlapGradReduce(true)
        .overlapParamGather(true)
        .averageInCollective(true)
        .useDistributedOptimizer(true)
      Dataset()
        .split("9999,8,2")
        .randomSeed(1234)
        .numWorkers(8)
        .dataloaderType(.single)
      Tokenizer()
        .tokenizerType(.null)
        .carried("use_tokenizer_vocab_size", true)
      Checkpoint()
        .saveInterval(2000)
      Logger()
        .logInterval(10)
      RandomNumbers()
        .seed(1234)
    }
  }

  /// `_sft_common` and `_peft_common`, with `default_squad_config`.
  static var finetuning: RecipeGroup {
    RecipeGroup {
      everyRun
      Parallelism()
        .contextParallelSize(1)
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
      DistributedDataParallel()
        .overlapGradReduce(true)
        .overlapParamGather(true)
        .averageInCollective(true)
        .useDistributedOptimizer(true)
      Dataset()
        .datasetName("squad")
        .randomSeed(5678)
        .numWorkers(1)
        .dataloaderType(.batch)
        .valProportion(0.1)
        .doTest(false)
        .carried("persistent_workers", false)
      Tokenizer()
        .tokenizerType(.huggingFace)
      Logger()
        .logInterval(1)
      RandomNumbers()
        .seed(5678)
    }
  }

  private static var everyRun: RecipeGroup {
    RecipeGroup {
      Optimizer()
        .optimizer(.adam)
        .weightDecay(0.1)
        .clipGrad(1)
        .adamBeta1(0.9)
        .adamEps(1e-8)
        .useDistributedOptimizer(true)
        .carried("bf16", true)
      Scheduler()
        .lrDecayStyle(.cosine)
        .lrWarmupInit(0)
        .lrWSDDecayStyle(.minusSquareRoot)
        .startWeightDecay(0.033)
        .endWeightDecay(0.033)
        .weightDecayIncrStyle(.constant)
        .overrideOptParamScheduler(true)
      DistributedDataParallel()
        .checkForNanInGrad(true)
        .gradReduceInFP32(true)
      MixedPrecision()
        .bf16(true)
        .paramsDtype(.bf16)
        .pipelineDtype(.bf16)
        .autocastEnabled(false)
        .gradReduceInFP32(true)
      CommunicationOverlap()
        .tpCommOverlap(false)
        .overlapMoEExpertParallelComm(false)
        .delayWgradCompute(false)
      Checkpoint()
        .ckptFormat(.torchDist)
        .fullyParallelSave(true)
        .asyncSave(false)
      Tokenizer()
        .carried("pad_vocab_size", false)
      Logger()
        .logTimersToTensorboard(true)
      environment
    }
  }

  /// `COMMON_RECIPE_ENV_VARS`.
  private static var environment: RecipeGroup {
    RecipeGroup {
      EnvironmentVariables()
        .carried("NCCL_GRAPH_REGISTER", "0")
        .carried("NCCL_NVLS_ENABLE", "0")
        .carried("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
        .carried("TORCH_NCCL_AVOID_RECORD_STREAMS", "1")
        .carried("TORCH_NCCL_HIGH_PRIORITY", "1")
    }
  }

  /// The provider that `AutoBridge` makes of a published model, with the kernels that the recipes choose.
  ///
  /// - Parameters:
  ///   - preset: the model that the recipe is for; another one has no name on Hugging Face here.
  ///   - revision: the commit that the recipe pins.
  static func model(
    _ choices: RecipeChoices, _ preset: ModelPreset, on huggingFace: String, revision: String? = nil
  ) -> RecipeGroup {
    RecipeGroup {
      choices.model
      Model()
        .kvChannels(64)
        .bf16(true)
        .carried("params_dtype", "bf16")
        .attentionBackend(nil)
        .attentionSoftmaxInFP32(false)
        .maskedSoftmaxFusion(true)
        .moeFlexDispatcherBackend(.deepep)
        .carried("moe_hybridep_num_sms", 16)
        .carried("cuda_graph_scope", "full")
        .carried("offload_modules", .null)
      if choices.model.name == preset.name {
        Model()
          .carried("hf_model_id", .string(huggingFace))
        if let revision {
          Model()
            .carried("hf_model_revision", .string(revision))
        }
      }
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

  /// HybridEP within a node of eight, and the experts' all-to-all hidden behind other micro-batches.
  static var overlappedHybridEP: RecipeGroup {
    RecipeGroup {
      Model()
        .moeTokenDispatcherType(.flex)
        .moeFlexDispatcherBackend(.hybridep)
        .carried("moe_flex_dispatcher_num_sms", 32)
        .carried("moe_hybridep_num_sms", .null)
        .moeSharedExpertOverlap(false)
        .carried("high_priority_a2a_comm_stream", true)
      CommunicationOverlap()
        .overlapMoEExpertParallelComm(true)
        .delayWgradCompute(true)
      hybridEPEnvironment
      EnvironmentVariables()
        .carried("CUDA_DEVICE_MAX_CONNECTIONS", "32")
        .carried("NUM_OF_TOKENS_PER_CHUNK_COMBINE_API", "128")
    }
  }

  /// Where HybridEP's ranks are, and the processors that it leaves to others.
  static var hybridEPEnvironment: RecipeGroup {
    RecipeGroup {
      EnvironmentVariables()
        .carried("NUM_OF_HYBRID_EP_RANKS_PER_NVLINK_DOMAIN", "8")
        .carried("NVLINK_DOMAIN_SIZE", "8")
        .carried("NVTE_BWD_LAYERNORM_SM_MARGIN", "20")
        .carried("NVTE_FWD_LAYERNORM_SM_MARGIN", "20")
        .carried("USE_MNNVL", "0")
    }
  }
}
