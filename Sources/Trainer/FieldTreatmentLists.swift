import LaunchModel
import Releases

extension FieldTreatment {
  /// Fields that the engine honours whatever they are.
  static let used: Set<FieldPath> = [
    Path.recipe.name, Path.recipe.mode, Path.recipe.description, Path.recipe.dir, Path.recipe.basedOn,
    Path.software.megatronBridge,

    Path.model.numLayers, Path.model.hiddenSize, Path.model.ffnHiddenSize, Path.model.numAttentionHeads,
    Path.model.vocabSize, Path.model.makeVocabSizeDivisibleBy, Path.model.shouldPadVocab,
    Path.model.shareEmbeddingsAndOutputWeights, Path.model.seqLength, Path.model.maxPositionEmbeddings,
    Path.model.qLoraRank, Path.model.kvLoraRank, Path.model.qkHeadDim, Path.model.qkPosEmbHeadDim, Path.model.vHeadDim,
    Path.model.ropeType, Path.model.rotaryBase, Path.model.rotaryScalingFactor,
    Path.model.originalMaxPositionEmbeddings, Path.model.betaFast, Path.model.betaSlow, Path.model.mscale,
    Path.model.mscaleAllDim, Path.model.layernormEpsilon, Path.model.initMethodStd, Path.model.numMoEExperts,
    Path.model.moeRouterTopK, Path.model.moeFFNHiddenSize, Path.model.moeSharedExpertIntermediateSize,
    Path.model.moeLayerFrequency, Path.model.moeRouterEnableExpertBias, Path.model.moeRouterBiasUpdateRate,
    Path.model.moeRouterNumGroups, Path.model.moeRouterGroupTopK, Path.model.moeRouterTopKScalingFactor,
    Path.model.moeAuxLossCoefficient, Path.model.calculatePerTokenLoss, Path.model.bf16,

    Path.recompute.recomputeGranularity, Path.recompute.recomputeMethod, Path.recompute.recomputeNumLayers,
    Path.recompute.recomputeModules,

    Path.train.trainIters, Path.train.trainSamples, Path.train.globalBatchSize, Path.train.microBatchSize,
    Path.train.exitInterval, Path.train.exitDurationInMins, Path.train.exitSignalHandler, Path.train.exitSignal,
    Path.validation.evalInterval, Path.validation.evalIters,

    Path.optimizer.lr, Path.optimizer.minLR, Path.optimizer.weightDecay,
    Path.optimizer.clipGrad, Path.optimizer.adamBeta1, Path.optimizer.adamBeta2, Path.optimizer.adamEps,
    Path.optimizer.sgdMomentum, Path.optimizer.muonMomentum, Path.optimizer.muonUseNesterov,
    Path.optimizer.muonNumNSSteps, Path.optimizer.muonScaleMode, Path.optimizer.muonExtraScaleFactor,
    Path.optimizer.muonFP32MatmulPrecision,
    Path.optimizer.usePrecisionAwareOptimizer,

    Path.scheduler.lrDecayStyle, Path.scheduler.lrWarmupInit, Path.scheduler.lrWarmupIters,
    Path.scheduler.lrWarmupSamples, Path.scheduler.lrWarmupFraction, Path.scheduler.lrDecayIters,
    Path.scheduler.lrDecaySamples, Path.scheduler.lrWSDDecayStyle, Path.scheduler.lrWSDDecayIters,
    Path.scheduler.lrWSDDecaySamples, Path.scheduler.startWeightDecay, Path.scheduler.endWeightDecay,
    Path.scheduler.weightDecayIncrStyle, Path.scheduler.overrideOptParamScheduler,

    Path.mixedPrecision.fp32, Path.mixedPrecision.bf16, Path.mixedPrecision.gradReduceInFP32,
    Path.ddp.checkForNanInGrad,

    Path.dataset.kind, Path.dataset.dataPaths, Path.dataset.validDataPaths, Path.dataset.split, Path.dataset.seqLength,
    Path.dataset.shuffle, Path.dataset.randomSeed, Path.dataset.resetAttentionMask, Path.dataset.eodMaskLoss,
    Path.dataset.packedSequenceSize, Path.dataset.answerOnlyLoss, Path.dataset.valProportion,
    Path.dataset.doValidation,
    Path.tokenizer.tokenizerType, Path.tokenizer.tokenizerModel, Path.tokenizer.vocabSize,

    Path.checkpoint.save, Path.checkpoint.load, Path.checkpoint.saveInterval, Path.checkpoint.pretrainedCheckpoint,
    Path.checkpoint.mostRecentK, Path.checkpoint.ckptStep,
    Path.logger.tensorboardDir, Path.rng.seed,

    FieldPath("checkpoint", "exit_on_missing_checkpoint"),
    FieldPath("rerun_state_machine", "check_for_nan_in_loss"),
  ]

  /// Fields that change nothing here.
  static let idle: [FieldPath: Idleness] = {
    var result: [FieldPath: Idleness] = [:]
    for (reason, paths) in idleByReason { for path in paths { result[path] = reason } }
    return result
  }()

  private static let idleByReason: [(Idleness, [FieldPath])] = [
    (.kernels, kernels), (.communication, communication), (.formats, formats), (.processes, processes),
    (.files, files), (.reports, reports), (.unused, unused),
  ]

  private static let kernels =
    [
      Path.model.applyRopeFusion, Path.model.moeGroupedGEMM, Path.model.moeUseLegacyGroupedGEMM,
      Path.model.moePermuteFusion,
      Path.model.moeRouterPaddingForFP8, Path.model.moeRouterPaddingForQuantization, Path.model.moeLayerRecompute,
      Path.model.transformerImplementation, Path.model.attentionBackend, Path.model.gradientAccumulationFusion,
      Path.model.crossEntropyLossFusion, Path.model.crossEntropyFusionImplementation, Path.model.biasActivationFusion,
      Path.model.biasDropoutFusion, Path.model.maskedSoftmaxFusion, Path.model.persistLayerNorm,
      Path.model.attentionSoftmaxInFP32, Path.model.applyQueryKeyLayerScaling, Path.model.deterministicMode,
      Path.model.variableSeqLengths, Path.model.cpuOffloading, Path.model.cpuOffloadingNumLayers,
      Path.model.cudaGraphImplementation, Path.model.useTERNGTracker, Path.model.fineGrainedActivationOffloading,
      Path.recompute.distributeSavedActivations,
      Path.optimizer.storeParamRemainders, Path.optimizer.optimizerCPUOffload, Path.optimizer.optimizerOffloadFraction,
      Path.rng.teRNGTracker, Path.rng.inferenceRNGTracker,
    ]
    + carried(
      "model", "use_cpu_initialization", "init_model_with_meta_device", "memory_efficient_layer_norm",
      "fused_single_qkv_rope", "moe_router_fusion", "disable_bf16_reduced_precision_matmul", "cuda_graph_scope",
      "cuda_graph_use_single_mempool", "cuda_graph_retain_backward_graph", "cuda_graph_warmup_steps",
      "enable_cuda_graph", "external_cuda_graph", "cpu_offloading_activations", "cpu_offloading_weights",
      "cpu_offloading_double_buffering", "offload_modules", "min_offloaded_tensor_size", "use_te_activation_func",
      "num_microbatches_with_partial_activation_checkpoints", "batch_invariant_mode",
      "use_transformer_engine_full_layer_spec", "use_transformer_engine_op_fuser", "disable_parameter_transpose_cache",
      "clone_scatter_output_in_embedding")
    + carried(
      "optimizer", "use_torch_optimizer_for_cpu_offload", "overlap_cpu_optimizer_d2h_h2d", "pin_cpu_grads",
      "pin_cpu_params")

  private static let communication =
    [
      Path.model.moeTokenDispatcherType, Path.model.moeEnableDeepEP, Path.model.moeFlexDispatcherBackend,
      Path.model.moeSharedExpertOverlap, Path.model.overlapMoEExpertParallelComm, Path.model.delayWgradCompute,
      Path.model.tpCommOverlap, Path.model.overlapP2PComm, Path.model.batchP2PComm,
      Path.model.overlapP2PCommWarmupFlush, Path.model.deferEmbeddingWgradCompute, Path.model.wgradDeferralLimit,
      Path.optimizer.useDistributedOptimizer, Path.optimizer.useLayerWiseDistributedOptimizer,
      Path.optimizer.overlapParamGather, Path.optimizer.muonTPMode,
      Path.ddp.useDistributedOptimizer, Path.ddp.gradReduceInFP32, Path.ddp.overlapGradReduce,
      Path.ddp.overlapParamGather, Path.ddp.alignParamGather, Path.ddp.averageInCollective, Path.ddp.bucketSize,
      Path.ddp.numDistributedOptimizerInstances, Path.ddp.dataParallelShardingStrategy, Path.ddp.useMegatronFSDP,
      Path.ddp.ncclUB, Path.ddp.reduceScatterWithFP32Accumulation,
    ]
    + carried(
      "model", "moe_extended_tp", "async_tensor_model_parallel_allreduce", "tp_comm_bulk_wgrad", "tp_comm_bulk_dgrad",
      "tp_comm_overlap_ag", "tp_comm_overlap_rs", "tp_comm_overlap_rs_dgrad", "tp_comm_split_ag", "tp_comm_atomic_ag",
      "tp_comm_split_rs", "tp_comm_atomic_rs", "tp_comm_overlap_disable_qkv", "tp_comm_overlap_disable_fc1",
      "tp_comm_bootstrap_backend", "tp_comm_overlap_cfg", "ep_overlap_early_attn_memory_release", "batch_p2p_sync",
      "use_ring_exchange_p2p", "deallocate_pipeline_outputs", "moe_deepep_num_sms", "moe_hybridep_num_sms",
      "parallel_output", "scatter_embedding_sequence_parallel", "symmetric_ar_type", "max_seqlen_per_dp_cp_rank",
      "hybrid_context_parallel")
    + carried("optimizer", "overlap_param_gather_with_optimizer_step")
    + carriedNames("ddp").map { FieldPath("ddp", $0) }

  /// Meaningless while the formats themselves are off, which ``limits`` sees to.
  private static let formats =
    [
      Path.mixedPrecision.paramsDtype, Path.mixedPrecision.pipelineDtype, Path.mixedPrecision.autocastDtype,
      Path.mixedPrecision.fp8Recipe, Path.mixedPrecision.fp8Param, Path.mixedPrecision.fp8ParamGather,
      Path.mixedPrecision.reuseGradBufForMXFP8, Path.mixedPrecision.firstLastLayersBF16,
      Path.mixedPrecision.numLayersAtStartInBF16, Path.mixedPrecision.numLayersAtEndInBF16,
    ]
    + carriedNames("mixed_precision").map { FieldPath("mixed_precision", $0) }
    + carried(
      "optimizer", "fp8_recipe", "loss_scale", "initial_loss_scale", "min_loss_scale", "loss_scale_window",
      "hysteresis", "reuse_grad_buf_for_mxfp8_param_ag")
    // `mixed_precision` has the last word about these.
    + carried("optimizer", "bf16", "params_dtype") + carried("model", "params_dtype", "autocast_dtype")

  private static let processes =
    [
      Path.train.manualGC, Path.train.manualGCInterval, Path.train.manualGCEval, Path.dataset.numWorkers,
      Path.dataset.numDatasetBuilderThreads, Path.tokenizer.hfTokenizerKwargs,
    ]
    + carried(
      "train", "empty_unused_memory_level", "check_weight_hash_across_dp_replicas_interval", "train_sync_interval",
      "exit_signal_handler_for_dataloader")
    + carried(
      "dataset", "data_sharding", "pin_memory", "persistent_workers", "trust_remote_code", "memmap_workers",
      "create_attention_mask", "data_parallel_size", "sequence_parallel_size", "context_parallel_size")
    + carried("tokenizer", "legacy_tokenizer", "metadata_path", "sp_tokenizer_kwargs")
    + carried("model", "barrier_with_L1_time") + carried("optimizer", "barrier_with_L1_time")
    + ["error_injection_rate", "error_injection_type", "rerun_mode", "check_for_spiky_loss", "spiky_loss_factor"].map {
      FieldPath("rerun_state_machine", $0)
    }

  private static let files =
    [
      Path.checkpoint.ckptFormat, Path.checkpoint.fullyParallelSave, Path.checkpoint.fullyParallelLoad,
      Path.checkpoint.asyncSave, Path.checkpoint.usePersistentCkptWorker, Path.checkpoint.distCkptOptimFullyReshardable,
      Path.checkpoint.distribOptimFullyReshardableMemEfficient, Path.checkpoint.saveRNG, Path.checkpoint.loadRNG,
      Path.dataset.pathToCache,
    ]
    + carriedNames("checkpoint").filter { $0 != "exit_on_missing_checkpoint" }.map {
      FieldPath("checkpoint", $0)
    }
    + carried(
      "dataset", "mmap_bin_files", "mid_level_dataset_surplus", "fast_cache_load", "defer_npy_index_mmap",
      "object_storage_cache_path", "download_mode", "delete_raw", "rewrite", "hf_kwargs", "tokenizer_model_name",
      "pad_cu_seqlens")

  private static let reports =
    [
      Path.logger.logInterval, Path.logger.logTimersToTensorboard, Path.logger.logThroughput, Path.logger.wandbProject,
      Path.logger.wandbEntity, Path.logger.wandbExpName, Path.logger.mlflowExperiment, Path.logger.mlflowRunName,
      Path.dataset.doTest, Path.dataset.testDataPaths,
    ]
    + carriedNames("logger").map { FieldPath("logger", $0) }
    + carried("model", "log_max_attention_logit", "moe_per_layer_logging", "config_logger_dir")
    + carried("optimizer", "log_num_zeros_in_grad", "config_logger_dir")

  private static let unused =
    [
      Path.model.moeRouterDataType, Path.model.moeRouterPreSoftmax, Path.model.numQueryGroups, Path.model.kvChannels,
      Path.model.cacheMLALatents, Path.model.mtpLossScalingFactor,
      Path.optimizer.muonSplitQKV, Path.dataset.padSeqToMult, Path.dataset.packSequencesInBatch,
      Path.dataset.datasetName, Path.tokenizer.vocabFile, Path.tokenizer.mergeFile,
    ]
    + carried(
      "model", "hf_model_id", "inference_rng_tracker", "inference_sampling_seed", "flash_decode",
      "mlp_chunks_for_prefill", "use_inference_optimized_layers", "inference_fuse_tp_communication")

  /// Of all releases.
  private static func carriedNames(_ section: String) -> [String] {
    Set(Release.all.flatMap { CarriedFields.names(of: section, in: $0) }).sorted()
  }

  private static func carried(_ section: String, _ names: String...) -> [FieldPath] {
    names.map { FieldPath(section, $0) }
  }
}
