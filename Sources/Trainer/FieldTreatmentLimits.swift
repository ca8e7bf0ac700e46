import LaunchModel

extension FieldTreatment {
  /// Fields that the engine honours in part.
  static let limits: [Limit] = attention + layers + experts + formats + optimization + data + checkpoints

  private static let attention = [
    Limit(Path.model.multiLatentAttention, "the CPU engine has multi-latent attention only") {
      $0.model.multiLatentAttention
    },
    Limit(Path.model.qkLayernorm, "the CPU engine always normalises the latents") { $0.model.qkLayernorm },
    Limit(Path.model.qkL2Norm, "the CPU engine has no L2 norm of queries and keys") { !$0.model.qkL2Norm },
    Limit(Path.model.attentionOutputGate, "the CPU engine has no output gate") { !$0.model.attentionOutputGate },
    Limit(Path.model.positionEmbeddingType, "the CPU engine has rotary positions only") {
      $0.model.positionEmbeddingType != .learnedAbsolute
    },
    Limit(Path.model.rotaryPercent, "the CPU engine rotates all of the rotary part") { $0.model.rotaryPercent == 1 },
    Limit(Path.model.rotaryInterleaved, "Megatron's MLA refuses it") { !$0.model.rotaryInterleaved },
    Limit(Path.model.attentionDropout, "the CPU engine has no dropout") { $0.model.attentionDropout == 0 },
  ]

  private static let layers = [
    Limit(Path.model.normalization, "the CPU engine has RMSNorm only") { $0.model.normalization == .rmsNorm },
    Limit(Path.model.activationFunction, "the CPU engine has silu only") { $0.model.activationFunction == .silu },
    Limit(Path.model.gatedLinearUnit, "the CPU engine has gated MLPs only") { $0.model.gatedLinearUnit },
    Limit(Path.model.addBiasLinear, "the CPU engine has no biases") { !$0.model.addBiasLinear },
    Limit(Path.model.addQKVBias, "the CPU engine has no biases") { !$0.model.addQKVBias },
    Limit(Path.model.hiddenDropout, "the CPU engine has no dropout") { $0.model.hiddenDropout == 0 },
    Limit(Path.model.mtpNumLayers, "the CPU engine has no multi-token prediction") {
      ($0.model.mtpNumLayers ?? 0) == 0
    },
  ]

  private static let experts = [
    Limit(Path.model.moeRouterScoreFunction, "the CPU engine has sigmoid routers only") {
      $0.model.moeRouterScoreFunction == .sigmoid || $0.model.numMoEExperts == nil
    },
    Limit(Path.model.moeRouterLoadBalancingType, "the CPU engine has seq_aux_loss only") { config in
      guard config.model.numMoEExperts != nil else { return true }
      let weights = config.model.moeAuxLossCoefficient.all
      return config.model.moeRouterLoadBalancingType.all.enumerated().allSatisfy { index, kind in
        switch kind {
        case .none, .sequenceAuxLoss: true
        // Megatron adds a loss only where it has a weight.
        case .auxLoss, .globalAuxLoss: index >= weights.count || weights[index] == 0
        case .sinkhorn, .quantileBalancing: false
        }
      }
    },
    Limit(Path.model.moeZLossCoefficient, "the CPU engine has no z-loss") { ($0.model.moeZLossCoefficient ?? 0) == 0 },
    Limit(Path.model.moeRouterForceLoadBalancing, "the CPU engine does not route at random") {
      !$0.model.moeRouterForceLoadBalancing
    },
    Limit(Path.model.moeExpertCapacityFactor, "the CPU engine drops no tokens") {
      ($0.model.moeExpertCapacityFactor ?? -1) < 0
    },
    Limit(Path.model.moePadExpertInputToCapacity, "the CPU engine has no capacity") {
      !$0.model.moePadExpertInputToCapacity
    },
    Limit(Path.model.moeRouterTopKLimitedDevices, "the CPU engine has moe_router_group_topk") {
      $0.model.moeRouterTopKLimitedDevices == nil
    },
  ]

  private static let formats = [
    Limit(Path.mixedPrecision.fp16, "the CPU engine has bf16 and fp32") { !$0.mixedPrecision.fp16 },
    Limit(Path.model.fp16, "the CPU engine has bf16 and fp32") { $0.mixedPrecision.isPresent || !$0.model.fp16 },
    Limit(Path.mixedPrecision.fp8, "the CPU engine has bf16 and fp32") { $0.mixedPrecision.fp8 == nil },
    Limit(Path.mixedPrecision.fp4, "the CPU engine has bf16 and fp32") { $0.mixedPrecision.fp4 == nil },
    Limit(Path.mixedPrecision.autocastEnabled, "the CPU engine has no autocast") {
      !$0.mixedPrecision.autocastEnabled
    },
    Limit(Path.optimizer.mainParamsDtype, "the CPU engine keeps masters in fp32") {
      !$0.optimizer.usePrecisionAwareOptimizer || $0.optimizer.mainParamsDtype == .fp32
    },
    Limit(Path.optimizer.mainGradsDtype, "the CPU engine has bf16, for bf16 weights, and fp32") {
      !$0.optimizer.usePrecisionAwareOptimizer || supports($0.optimizer.mainGradsDtype.rawValue, $0)
    },
    Limit(Path.optimizer.expAvgDtype, "the CPU engine has bf16, for bf16 weights, and fp32") {
      !$0.optimizer.usePrecisionAwareOptimizer || supports($0.optimizer.expAvgDtype.rawValue, $0)
    },
    Limit(Path.optimizer.expAvgSqDtype, "the CPU engine keeps both moments in the format of exp_avg_dtype") {
      !$0.optimizer.usePrecisionAwareOptimizer || $0.optimizer.expAvgSqDtype == $0.optimizer.expAvgDtype
    },
  ]

  private static func supports(_ type: String, _ config: LaunchConfig) -> Bool {
    type == DataType.fp32.rawValue || type == DataType.bf16.rawValue && config.storesBFloat16
  }

  private static let optimization = [
    Limit(Path.optimizer.optimizer, "the CPU engine has Adam, SGD and Muon") {
      switch $0.optimizer.optimizer {
      case .adam, .sgd, .muon, .distributedMuon: true
      default: false
      }
    },
    Limit(Path.optimizer.decoupledWeightDecay, "the CPU engine's AdamW and Muon decay weights apart from gradients") {
      $0.optimizer.decoupledWeightDecay || $0.optimizer.optimizer == .sgd
    },
    Limit(Path.optimizer.muonCoefficientType, "the CPU engine has simple and quintic") {
      !$0.optimizer.optimizer.isMuon || ["simple", "quintic"].contains($0.optimizer.muonCoefficientType)
    },
    Limit(Path.scheduler.useCheckpointOptParamScheduler, "on resuming, the CPU engine takes this file's schedule") {
      !$0.scheduler.useCheckpointOptParamScheduler
    },
    Limit(Path.train.rampupBatchSize, "it must lead to global_batch_size in whole increments") {
      $0.train.rampupBatchSize == nil || $0.batchRampUp != nil || $0.release.rampUp == .ignored
    },
    Limit(Path.train.decreaseBatchSizeIfNeeded, "the CPU engine trains with the batch that is written") { config in
      guard config.train.decreaseBatchSizeIfNeeded, let global = config.train.globalBatchSize,
        let micro = config.train.microBatchSize, micro > 0
      else { return true }
      return global % micro == 0
    },
    Limit(Path.rng.dataParallelRandomInit, "the CPU engine has one set of weights") {
      !$0.rng.dataParallelRandomInit
    },
  ]

  private static let data = [
    Limit(Path.dataset.resetPositionIDs, "rotary positions are relative: set dataset.reset_attention_mask as well") {
      $0.dataset.resetPositionIDs != true || $0.dataset.resetAttentionMask == true
    },
    Limit(Path.dataset.dataloaderType, "the CPU engine reads samples in the order of dataset.shuffle") {
      switch $0.dataset.dataloaderType {
      case .cyclic, .external: false
      case .single, .batch, nil: true
      }
    },
    Limit(Path.tokenizer.chatTemplate, "the CPU engine has Kimi's template") { $0.tokenizer.chatTemplate == nil },
    Limit(Path.tokenizer.specialTokens, "the CPU engine has those of the tokenizer's files") {
      $0.tokenizer.specialTokens == nil
    },
    Limit(Path.tokenizer.tiktokenPattern, "the CPU engine splits text as Kimi's tokenizer does") {
      $0.tokenizer.tiktokenPattern == nil
    },
  ]

  private static let checkpoints = [
    Limit(Path.checkpoint.finetune, "name the weights in checkpoint.pretrained_checkpoint") { !$0.checkpoint.finetune },
    Limit(Path.checkpoint.saveOptim, "the CPU engine saves whole checkpoints") { $0.checkpoint.saveOptim },
    Limit(Path.checkpoint.loadOptim, "to start from weights alone, name them in checkpoint.pretrained_checkpoint") {
      $0.checkpoint.loadOptim || $0.checkpoint.loadMainParamsFromCkpt && $0.checkpoint.pretrainedCheckpoint != nil
    },
    Limit(
      Path.checkpoint.loadMainParamsFromCkpt, "to start from weights, name them in checkpoint.pretrained_checkpoint"
    ) { !$0.checkpoint.loadMainParamsFromCkpt || $0.checkpoint.pretrainedCheckpoint != nil },
    Limit(Path.checkpoint.nonPersistentCkptType, "the CPU engine has no checkpoints that go away") {
      $0.checkpoint.nonPersistentCkptType == nil
    },
  ]
}

extension LaunchConfig {
  /// Weights are kept in bf16; where there is no `mixed_precision`, the model's own fields count.
  var storesBFloat16: Bool { mixedPrecision.isPresent ? mixedPrecision.bf16 : model.bf16 }
}
