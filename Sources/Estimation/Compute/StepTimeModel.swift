package import LaunchModel
package import Topology

/// The formulas behind ``StepTime``. Volumes follow from what Megatron-Core 0.16.1 sends; each formula stands alone.
package struct StepTimeModel: Sendable {
  private let shape: Architecture
  private let assumptions: Assumptions
  private let kernels: KernelConstants
  private let worldSize: Int
  private let sequenceLength: Double
  private let operations: TrainingFLOPs
  private let kinds: LayerKinds
  private let links: Links
  private let isFrozen: Bool
  /// Adapters of one layer, on the average.
  private let adapters: Double
  /// Bytes a token that a layer keeps where nothing is recomputed, by ``LayerKind``.
  private let keptBytes: (dense: Double, moe: Double)
  private let parameters: ParameterBytes
  /// Gradients of weights are added up in place.
  private let fusesWeightGradients: Bool
  private let hidesGradients: Bool
  private let reduced: ReducedGradients
  /// Tokens go to each rank once, however many of its experts they want.
  private let sendsTokensOnce: Bool
  /// Attention writes its scores to memory: `attention_backend: unfused` or `local`.
  private let writesScores: Bool
  private let overlapsSharedExperts: Bool
  /// Replicas are neighbours, and stages far apart or the other way round.
  private let stagesAreNeighbours: Bool
  /// The share of launches that CUDA graphs leave to the host.
  private let launchedShare: Double
  /// Seconds of one FLOP outside of head, attention and experts.
  private let secondsPerFLOP: Double
  private let secondsPerByte: Double

  /// The share of a layer's forward pass that its norms, or its experts' activations, take: no matrix products, so
  /// little.
  static let elementwiseShare = 0.015

  /// - Parameter gpusPerDomain: GPUs that NVLink joins.
  package init(
    _ config: borrowing LaunchConfig, _ shape: Architecture, _ kinds: LayerKinds, worldSize: Int, gpusPerDomain: Int,
    adapters selection: [AdapterMatch]?, assumptions: Assumptions
  ) {
    self.shape = shape
    self.assumptions = assumptions
    kernels = assumptions.kernels
    self.worldSize = worldSize
    sequenceLength = Double(config.model.seqLength)
    self.kinds = kinds
    operations = TrainingFLOPs(shape, sequenceLength: config.model.seqLength)
    links = Links(gpusPerDomain: gpusPerDomain, assumptions: assumptions)
    isFrozen = config.peft.isPresent
    let adapted = selection?.reduce(0) { $0 + ($1.module.place == .model ? 1 : $1.layers.count) } ?? 0
    adapters = Double(adapted) / Double(max(shape.moeLayers?.count ?? 1, 1))
    var settings = ActivationSettings(config, assumptions)
    settings.recompute = .none
    keptBytes = (
      LayerActivations(shape, isMoE: false, settings).kept.total,
      LayerActivations(shape, isMoE: true, settings).kept.total
    )
    parameters = ParameterBytes(config, isMuonMatrix: true)
    reduced = ReducedGradients(parameters, isFrozen: config.peft.isPresent)
    fusesWeightGradients = config.model.gradientAccumulationFusion
    // Megatron-FSDP gathers and reduces beside the layers that are computed.
    hidesGradients = config.usesMegatronFSDP || EffectiveOverlap(config, dataParallelSize: 2).overlapGradReduce
    sendsTokensOnce = config.model.moeTokenDispatcherType == .flex
    writesScores = config.model.attentionBackend.map { $0 == .unfused || $0 == .local } ?? false
    overlapsSharedExperts = config.model.moeSharedExpertOverlap && shape.sharedExpertIntermediateSize > 0
    stagesAreNeighbours = config.dist.useTPPPDPMapping
    launchedShare = Self.launchedShare(config)
    let isFP8 = config.mixedPrecision.fp8 != nil || config.mixedPrecision.fp4 != nil
    secondsPerFLOP =
      1 / (assumptions.peakFLOPs * assumptions.computeUtilization * (isFP8 ? assumptions.gpu.fp8Speedup : 1))
    secondsPerByte = 1 / (assumptions.memoryBandwidth * assumptions.kernels.memoryUtilization)
  }

  /// Graphs of a whole iteration leave nothing; those of layers leave routing and the experts, about a half: assumed.
  private static func launchedShare(_ config: borrowing LaunchConfig) -> Double {
    let graphs = CudaGraphs(config.model)
    return graphs.kind == .none ? 1 : graphs.holdWholeIteration ? 0 : 0.5
  }

  // MARK: The dense side

  /// - Parameters:
  ///   - contents: by pipeline rank.
  ///   - states: everything but routed experts, by pipeline rank.
  package func dense(
    _ sizes: ParallelSizes, microBatchSize: Int, _ recompute: RecomputePlan, contents: [ChunkContents],
    states: [ModelState], dataParallel: Int, numMicrobatches: Int
  ) -> DenseTime {
    let tokens = Double(microBatchSize) * sequenceLength / Double(sizes.context)
    let denseLayer = layer(.dense, sizes, recompute, tokens)
    let moeLayer = layer(.moe, sizes, recompute, tokens)
    let head = head(sizes, tokens)
    let replicas = dataParallel * sizes.context
    let (dense, ofHead) = (denseLayer.total, head.total)
    let ranks = zip(contents, states).map { contents, state in
      let mtp = contents.mtpLayers
      var rank = RankTime()
      rank.denseLayers = Double(contents.denseLayers + (kinds.endsInMoE ? 0 : mtp))
      rank.moeLayers = Double(contents.moeLayers + (kinds.endsInMoE ? mtp : 0))
      rank.heads = Double((contents.hasHead ? 1 : 0) + mtp)
      rank.fixed = rank.denseLayers * dense + rank.heads * ofHead
      rank.gradients = links.ring(
        bytes: reduced.bytes(state, replicas: replicas), ranks: replicas,
        stride: sizes.tensor * (stagesAreNeighbours ? sizes.pipeline : 1))
      rank.optimizer = optimizerTime(state, tensors: (rank.denseLayers + rank.moeLayers) * Self.denseTensors)
      return rank
    }
    let send = send(sizes, tokens)
    let chunks = Double(sizes.virtualPipeline ?? 1)
    return DenseTime(
      ranks: ranks, denseLayer: denseLayer, moeLayer: moeLayer, head: head, moeGPUForward: moeLayer.gpuForward,
      moeGPUBackward: moeLayer.gpuBackward, numMicrobatches: Double(numMicrobatches), bubbleShare: 1 / chunks,
      send: send, pipelineTraffic: 2 * send * (Double(numMicrobatches) * chunks + Double(sizes.pipeline - 1)),
      reductions: reduced.timesAStep(numMicrobatches: numMicrobatches), hidesGradients: hidesGradients,
      tokens: tokens / Double(sizes.tensor), repeatsExperts: recompute.drops(.moe))
  }

  private enum LayerKind { case dense, moe }

  /// Trained tensors of a layer beside routed experts.
  private static let denseTensors = 10.0

  /// Of the operations of training: a third goes forward, a third to inputs' gradients, a third to weights', which
  /// frozen ones do not have.
  private var backwardPasses: Double { isFrozen ? 1 : 2 }

  /// One layer without routed experts.
  private func layer(
    _ kind: LayerKind, _ sizes: ParallelSizes, _ plan: RecomputePlan, _ tokens: Double
  ) -> LayerTime {
    let share = tokens / Double(sizes.tensor)
    let forward = (operations.attentionProjections + mlp(kind) + attention.products) / 3 * share * secondsPerFLOP
    let kept = (kind == .moe ? keptBytes.moe : keptBytes.dense) * kernels.passesOverActivations
    let traffic = kept * share * secondsPerByte / (1 + backwardPasses)
    let weights =
      kind == .moe ? (forward: 0, backward: 0) : weightPasses(Double(denseParameters) / Double(sizes.tensor))
    let scores = attention.bytesForward * share * secondsPerByte
    let repeatsScores = plan == .full || plan.drops(.coreAttention)
    let collectives =
      (sizes.tensor > 1 ? tensorPasses(plan) : 0) + (sizes.context > 1 ? contextPasses(plan) : 0)
    let host =
      (kind == .moe ? kernels.moeLayer + (overlapsSharedExperts ? kernels.sharedExpertOverlap : 0) : kernels.denseLayer)
      + kernels.adapter * adapters + kernels.collective * collectives
    let checkpoints = kernels.checkpoint * checkpoints(kind, plan)
    let again = repeatedShare(kind, plan)
    var time = LayerTime()
    time.computeForward = forward
    time.computeBackward = backwardPasses * forward + repeatedProducts(kind, plan) / 3 * share * secondsPerFLOP
    time.memoryForward = traffic + weights.forward + scores
    time.memoryBackward =
      backwardPasses * traffic + weights.backward + (plan == .full ? traffic : 0)
      + attention.bytesBackward * share * secondsPerByte + (repeatsScores ? scores : 0)
    time.tensorTraffic =
      tensorPasses(plan) * links.ring(bytes: tokens * Double(shape.hiddenSize) * 2, ranks: sizes.tensor, stride: 1)
    time.contextTraffic = contextTraffic(sizes, plan, tokens)
    time.hostForward = (host * kernels.forwardShare + checkpoints / 2) * launchedShare
    time.hostBackward =
      (host * (1 - kernels.forwardShare + again * kernels.forwardShare) + checkpoints / 2
        + gradientLaunches(Self.denseTensors)) * launchedShare
    return time
  }

  private func mlp(_ kind: LayerKind) -> Double {
    kind == .moe ? operations.sharedExperts + operations.router : operations.denseMLP
  }

  /// Scores and weighted values of a token in one layer: products in operations of training at the share of other
  /// products, and bytes that pass through memory beside them.
  ///
  /// Without a fused kernel every score is computed, the masked half too, and written and read in bf16: forward by its
  /// product, the softmax (twice) and the product with the values; backward seven times (Transformer Engine 2.17.1,
  /// `UnfusedDotProductAttention`).
  private var attention: (products: Double, bytesForward: Double, bytesBackward: Double) {
    guard writesScores else { return (operations.attentionCore / kernels.attentionUtilization, 0, 0) }
    let scores = Double(shape.numAttentionHeads) * sequenceLength * 2
    return (2 * operations.attentionCore, 4 * scores, 7 * scores)
  }

  private var denseParameters: Int {
    (shape.gatedLinearUnit ? 3 : 2) * shape.hiddenSize * shape.ffnHiddenSize
  }

  /// The head with the loss, and the projection of MTP layers.
  private func head(_ sizes: ParallelSizes, _ tokens: Double) -> LayerTime {
    let share = tokens / Double(sizes.tensor)
    let products = operations.head + (shape.mtpNumLayers > 0 ? operations.mtpProjection : 0)
    var time = LayerTime()
    time.computeForward = products / 3 * share * secondsPerFLOP / kernels.headUtilization
    time.computeBackward = backwardPasses * time.computeForward
    // The loss reads logits and writes their gradient over them.
    let logits = share * Double(shape.vocabSize) * 2
    let weights = weightPasses(Double(shape.vocabSize) * Double(shape.hiddenSize) / Double(sizes.tensor))
    time.memoryForward = 2 * logits * secondsPerByte + weights.forward
    time.memoryBackward = 2 * logits * secondsPerByte + weights.backward
    return time
  }

  /// Weights are read forward and backward, and their gradients read and written; without fusion they are written,
  /// read and added up besides.
  private func weightPasses(_ count: Double) -> (forward: Double, backward: Double) {
    let weight = parameters.weights
    let gradients = isFrozen ? 0 : 2 * parameters.gradients + (fusesWeightGradients ? 0 : 2 * weight)
    return (count * weight * secondsPerByte, count * (weight + gradients) * secondsPerByte)
  }

  /// Each gradient is handed over by itself.
  private func gradientLaunches(_ tensors: Double) -> Double { isFrozen ? 0 : tensors * kernels.gradientTensor }

  /// FLOPs a token outside of routed experts that run a second time, in operations of training.
  private func repeatedProducts(_ kind: LayerKind, _ plan: RecomputePlan) -> Double {
    let layer = operations.attentionProjections + attention.products + mlp(kind)
    switch plan {
    case .none: return 0
    case .full: return layer
    case .selective:
      var repeated = 0.0
      if plan.drops(.coreAttention) { repeated += attention.products }
      if plan.drops(.mlaUpProjection) { repeated += operations.queryProjection + operations.upProjection }
      if plan.drops(.layerNorm) { repeated += Self.elementwiseShare * layer }
      if kind == .moe {
        if plan.drops(.moe) || plan.drops(.sharedExperts) { repeated += operations.sharedExperts }
        if plan.drops(.moeActivation) { repeated += Self.elementwiseShare * layer }
      } else if plan.drops(.mlp) {
        repeated += operations.denseMLP
      }
      return repeated
    }
  }

  /// Parts of a layer that are checkpointed as a whole. Norms, activations and the MLA up-projections are not: they drop
  /// their outputs alone, which measured runs show to cost no time.
  private func checkpoints(_ kind: LayerKind, _ plan: RecomputePlan) -> Double {
    switch plan {
    case .none: return 0
    case .full: return 1
    case .selective:
      let ofMLP = kind == .moe ? plan.drops(.moe) || plan.drops(.sharedExperts) : plan.drops(.mlp)
      return (plan.drops(.coreAttention) ? 1 : 0) + (ofMLP ? 1 : 0)
    }
  }

  /// The share of a layer's launches forward that happen once more: by what the modules consist of. Assumed.
  private func repeatedShare(_ kind: LayerKind, _ plan: RecomputePlan) -> Double {
    switch plan {
    case .none: return 0
    case .full: return 1
    case .selective:
      var share = 0.0
      if plan.drops(.coreAttention) { share += 0.05 }
      if plan.drops(.mlaUpProjection) { share += 0.1 }
      if kind == .moe {
        if plan.drops(.moe) { share += 0.6 } else if plan.drops(.sharedExperts) { share += 0.1 }
      } else if plan.drops(.mlp) {
        share += 0.3
      }
      return share
    }
  }

  /// Sequence parallelism of one layer: two all-gathers and two reduce-scatters forward, as many backward, two
  /// all-gathers for weights' gradients; those forward once more where all is recomputed.
  private func tensorPasses(_ plan: RecomputePlan) -> Double { 8 + (isFrozen ? 0 : 2) + (plan == .full ? 4 : 0) }

  /// Keys and values of one layer from all other context ranks: once forward, and with their gradients backward.
  private func contextTraffic(_ sizes: ParallelSizes, _ plan: RecomputePlan, _ tokens: Double) -> Double {
    let width =
      shape.isLatentAttention
      ? Double(shape.numAttentionHeads) * Double(shape.qkHeadDim + shape.qkPosEmbHeadDim + shape.vHeadDim)
      : 2 * Double(shape.numQueryGroups) * Double(shape.kvChannels)
    let all = tokens * Double(sizes.context) * width / Double(sizes.tensor) * 2
    return contextPasses(plan) * links.ring(bytes: all, ranks: sizes.context, stride: sizes.tensor)
  }

  private func contextPasses(_ plan: RecomputePlan) -> Double { 3 + (plan.drops(.coreAttention) ? 1 : 0) }

  /// Activations forward, or their gradients backward, from one stage to the next.
  private func send(_ sizes: ParallelSizes, _ tokens: Double) -> Double {
    guard sizes.pipeline > 1 else { return 0 }
    let distance = stagesAreNeighbours ? sizes.tensor * sizes.context : worldSize / sizes.pipeline
    return links.send(bytes: tokens * Double(shape.hiddenSize) * 2 / Double(sizes.tensor), distance: distance)
  }

  /// The norm and the update read gradients, the update reads and writes masters and states and writes weights; what is
  /// in host memory goes through there.
  private func optimizerTime(_ state: ModelState, tensors: Double) -> Double {
    guard !isFrozen else { return 0 }
    let bytes = 2 * state.optimizer + 3 * state.gradients + state.weights
    return bytes * secondsPerByte + tensors * kernels.optimizerTensor + 2 * state.host / kernels.hostBandwidth
  }

  // MARK: Routed experts

  /// What does not depend on the micro-batch: `perToken` is the traffic of one token's hidden state through one pass.
  package struct ExpertSide: Sendable {
    let perToken: Double
    let weights: (forward: Double, backward: Double)
    let host: Double
    let gradientLaunches: Double
    let tokensPerToken: Double
    let gradients: Double
    let optimizer: Double
  }

  /// One MoE layer.
  ///
  /// - Parameters:
  ///   - state: of the layer's routed experts on one rank.
  ///   - replicas: of them.
  package func expertSide(_ sizes: ParallelSizes, _ state: ModelState, replicas: Int) -> ExpertSide {
    let topK = Double(shape.moeRouterTopK)
    let bytes = Double(shape.hiddenSize) * 2
    let isRouted = shape.numMoEExperts > 0
    let ranks = Double(sizes.expert)
    // With top-k of balanced experts, that many of the ranks are among a token's.
    let copies = sendsTokensOnce ? ranks * (1 - Self.power(1 - 1 / ranks, shape.moeRouterTopK)) : topK
    // Between expert ranks, then to all ranks that share an expert: each gathers what the others were sent.
    let exchanged = links.allToAll(bytes: copies * bytes, ranks: sizes.expert, stride: sizes.expertTensor)
    let gathered = links.ring(
      bytes: topK * bytes * Double(sizes.expertTensor), ranks: sizes.expertTensor, stride: 1)
    let local = Double(shape.numMoEExperts / sizes.expert)
    return ExpertSide(
      perToken: isRouted ? exchanged + gathered : 0,
      weights: isRouted ? weightPasses(reduced.whole(state, replicas: replicas).weights / parameters.weights) : (0, 0),
      host: local * kernels.expert,
      gradientLaunches: gradientLaunches(2 * local),
      tokensPerToken: topK * ranks * Double(sizes.expertTensor) / Double(max(shape.numMoEExperts, 1)),
      gradients: links.ring(
        bytes: reduced.bytes(state, replicas: replicas), ranks: replicas,
        stride: sizes.expert * sizes.expertTensor * (stagesAreNeighbours ? sizes.pipeline : 1)),
      optimizer: optimizerTime(state, tensors: 2 * local / Double(max(replicas, 1))))
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<max(exponent, 0)).reduce(1) { result, _ in result * base }
  }

  /// Tokens go to their experts and back, forward and backward; and once more where MoE layers are recomputed.
  ///
  /// - Parameter dense: what stands beside them.
  package func experts(_ side: ExpertSide, beside dense: DenseTime) -> ExpertTime {
    let tokens = dense.tokens
    let again: Double = dense.repeatsExperts ? 1 : 0
    let each = tokens * side.tokensPerToken
    let utilization = kernels.expertUtilization * each / (each + kernels.tokensOfHalfUtilization)
    let forward = each > 0 ? operations.routedExperts / 3 * tokens * secondsPerFLOP / utilization : 0
    var time = LayerTime()
    time.computeForward = forward
    time.computeBackward = (backwardPasses + again) * forward
    time.memoryForward = side.weights.forward
    time.memoryBackward = side.weights.backward + again * side.weights.forward
    time.expertTraffic = (4 + 2 * again) * tokens * side.perToken
    time.hostForward = side.host * kernels.forwardShare * launchedShare
    time.hostBackward =
      (side.host * (1 - kernels.forwardShare + again * kernels.forwardShare) + side.gradientLaunches) * launchedShare
    return ExpertTime(time, gradients: side.gradients, optimizer: side.optimizer)
  }
}
