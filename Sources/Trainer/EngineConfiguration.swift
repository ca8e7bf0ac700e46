package import LaunchModel
package import Training

/// A launch config in the engine's terms.
///
/// The parallel layout folds into one process: replicas become further micro-batches, split matrices become whole ones.
/// Neither changes the mathematics.
package struct EngineConfiguration: Sendable {
  package let settings: EngineSettings
  package let initialization: InitializationSettings
  package let schedule: LearningRateSchedule
  /// Sequences of a step, over all replicas; in the end, where the batch grows.
  package let globalBatchSize: Int
  package let microBatchSize: Int
  private let rampUp: BatchRampUp?
  package let steps: Int
  /// `nil` trains all weights.
  package let adapters: AdapterPlan?

  /// - Parameters:
  ///   - threads: of the engine.
  ///   - keepsFP32Products: multiplies in fp32 also where the config has the model's products, or those of Muon's iteration,
  ///     in bf16.
  /// - Throws: ``TrainerError`` with everything that the engine has no way to compute.
  package init(
    _ config: LaunchConfig, vocabSize: Int, threads: Int, keepsFP32Products: Bool = false
  ) throws(TrainerError) {
    let refusals = FieldSupport(config).refusals
    guard refusals.isEmpty else { throw TrainerError(refusals) }
    guard let micro = config.train.microBatchSize, let global = config.train.globalBatchSize, micro > 0,
      let steps = config.train.trainSteps, let scheduleSteps = ScheduleSteps(config),
      let schedule = ScheduleSettings(config, scheduleSteps)
    else { throw TrainerError("batch sizes, the length of the run and optimizer.lr must be written") }
    guard global % micro == 0 else {
      throw TrainerError("train.global_batch_size \(global) is no multiple of train.micro_batch_size \(micro)")
    }
    rampUp = config.batchRampUp
    if let size = rampUp?.firstSize(notMultipleOf: micro) {
      throw TrainerError(
        "train.rampup_batch_size makes a batch of \(size), no multiple of train.micro_batch_size \(micro)")
    }
    guard let shape = ModelShape(config, vocabSize: vocabSize) else {
      throw TrainerError("moe_layer_freq must begin with dense layers and go on with MoE layers")
    }
    adapters = config.peft.isPresent ? try AdapterPlan(config, shape) : nil
    globalBatchSize = global
    microBatchSize = micro
    self.steps = steps
    let products: ProductPrecision = config.storesBFloat16 && !keepsFP32Products ? .bf16 : .fp32
    let capacity = BatchCapacity(sequences: micro, length: config.model.seqLength)
    settings = EngineSettings(
      shape: shape, capacity: capacity,
      optimizer: OptimizerSettings(config, keepsFP32Products: keepsFP32Products), precision: StoragePrecision(config),
      products: products,
      packsWeights: EngineSettings.packsWeights(products, shape, capacity, microBatches: global / micro),
      recompute: RecomputePolicy(config),
      threads: threads, auxLossCoefficient: Self.sequenceAuxLoss(config),
      biasUpdateRate: config.model.moeRouterEnableExpertBias ? Float(config.model.moeRouterBiasUpdateRate) : 0,
      calculatePerTokenLoss: config.model.calculatePerTokenLoss, adapters: adapters?.settings)
    initialization = InitializationSettings(
      seed: UInt64(bitPattern: Int64(config.rng.seed)), initMethodStd: Float(config.model.initMethodStd))
    self.schedule = LearningRateSchedule(schedule)
  }

  /// Of one step, over all replicas, after so many samples: all that a growing batch depends on.
  func microBatches(afterSamples consumed: Int) -> Int {
    (rampUp?.size(afterSamples: consumed) ?? globalBatchSize) / microBatchSize
  }

  private static func sequenceAuxLoss(_ config: LaunchConfig) -> Float {
    let kinds = config.model.moeRouterLoadBalancingType.all
    let weights = config.model.moeAuxLossCoefficient.all
    guard let index = kinds.firstIndex(of: .sequenceAuxLoss), index < weights.count else { return 0 }
    return Float(weights[index])
  }
}

extension ModelShape {
  /// `nil` where the dense layers are not the first ones.
  package init?(_ config: LaunchConfig, vocabSize: Int) {
    let shape = Architecture(config)
    guard let layers = shape.moeLayers else { return nil }
    let dense = layers.prefix { !$0 }.count
    guard layers[dense...].allSatisfy({ $0 }) else { return nil }
    let model = config.model
    let expertWidth = max(shape.moeFFNHiddenSize, 1)
    guard shape.sharedExpertIntermediateSize % expertWidth == 0 else { return nil }
    self.init(
      vocabSize: vocabSize, hiddenSize: shape.hiddenSize, intermediateSize: shape.ffnHiddenSize,
      moeIntermediateSize: expertWidth, numHiddenLayers: shape.numLayers, numAttentionHeads: shape.numAttentionHeads,
      nSharedExperts: shape.sharedExpertIntermediateSize / expertWidth, nRoutedExperts: shape.numMoEExperts,
      numExpertsPerTok: shape.moeRouterTopK, nGroup: model.moeRouterNumGroups ?? 1,
      topkGroup: model.moeRouterGroupTopK ?? 1,
      routedScalingFactor: Float(model.moeRouterTopKScalingFactor ?? 1), firstKDenseReplace: dense,
      kvLoraRank: shape.kvLoraRank, qLoraRank: shape.qLoraRank, qkNopeHeadDim: shape.qkHeadDim,
      qkRopeHeadDim: shape.qkPosEmbHeadDim, vHeadDim: shape.vHeadDim, ropeTheta: model.rotaryBase,
      yarn: YarnScaling(model), maxPositionEmbeddings: model.maxPositionEmbeddings,
      rmsNormEps: Float(model.layernormEpsilon), tieWordEmbeddings: shape.tiedEmbeddings)
  }
}

extension YarnScaling {
  /// A factor of 1 stretches nothing: Megatron's `yarn` is then plain rotation.
  fileprivate init?(_ model: Section<ModelFields>) {
    guard model.ropeType == .yarn, model.rotaryScalingFactor != 1 else { return nil }
    self.init(
      factor: model.rotaryScalingFactor, originalMaxPositionEmbeddings: model.originalMaxPositionEmbeddings,
      betaFast: model.betaFast, betaSlow: model.betaSlow, mscale: model.mscale, mscaleAllDim: model.mscaleAllDim)
  }
}

extension OptimizerSettings {
  fileprivate init(_ config: LaunchConfig, keepsFP32Products: Bool) {
    let optimizer = config.optimizer
    let adam = AdamSettings(
      beta1: Float(optimizer.adamBeta1), beta2: Float(optimizer.adamBeta2), eps: Float(optimizer.adamEps))
    let algorithm: Algorithm
    switch optimizer.optimizer {
    case .adam: algorithm = .adam(adam)
    case .sgd: algorithm = .sgd(momentum: Float(optimizer.sgdMomentum))
    // The others are refused before (``FieldTreatment``).
    case .muon, .distributedMuon, .adaptiveMuon, .distributedAdaptiveMuon, .soap, .distributedSOAP, .lion,
      .distributedLion:
      algorithm = .muon(
        MuonSettings(
          momentum: Float(optimizer.muonMomentum), useNesterov: optimizer.muonUseNesterov,
          numNSSteps: optimizer.muonNumNSSteps,
          coefficients: optimizer.muonCoefficientType == "simple" ? .simple : .quintic,
          scaleMode: MuonSettings.ScaleMode(rawValue: optimizer.muonScaleMode.rawValue) ?? .spectral,
          extraScaleFactor: Float(optimizer.muonExtraScaleFactor),
          products: keepsFP32Products ? .fp32 : ProductPrecision(muon: optimizer.muonFP32MatmulPrecision)), adam)
    }
    self.init(algorithm, clipGrad: Float(optimizer.clipGrad))
  }
}

extension ProductPrecision {
  /// Of Muon's iteration, from `muon_fp32_matmul_prec`. Under "medium" emerging_optimizers rounds to bf16 whatever the model's
  /// own precision is (0.1.0 to 0.4.0, `orthogonalized_optimizers/muon_utils.py`, `newton_schulz`); "high" is TF32, which there
  /// is none of here.
  fileprivate init(muon precision: String) { self = precision == "medium" ? .bf16 : .fp32 }
}

extension StoragePrecision {
  fileprivate init(_ config: LaunchConfig) {
    guard config.storesBFloat16 else {
      self = .fp32
      return
    }
    let optimizer = config.optimizer
    let precisionAware = optimizer.usePrecisionAwareOptimizer
    self.init(
      weights: .bf16,
      gradients: precisionAware
        ? (optimizer.mainGradsDtype == .fp32 ? .fp32 : .bf16) : config.mixedPrecision.gradReduceInFP32 ? .fp32 : .bf16,
      moments: precisionAware && optimizer.expAvgDtype != .fp32 ? .bf16 : .fp32)
  }
}

extension RecomputePolicy {
  fileprivate init(_ config: LaunchConfig) {
    switch config.recompute.recomputeGranularity {
    case nil: self = .none
    case .full:
      self.init(.full(layers: config.recompute.recomputeMethod == .block ? config.recompute.recomputeNumLayers : nil))
    case .selective:
      let modules = (config.recompute.recomputeModules ?? [.coreAttention]).compactMap { Module(rawValue: $0.rawValue) }
      self.init(.selective(Set(modules)))
    }
  }
}
