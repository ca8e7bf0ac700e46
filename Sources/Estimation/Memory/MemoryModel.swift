package import LaunchModel
package import Topology

/// The parts that a rank's memory is the sum of. Each depends on few of the parallel sizes, so that a search over all of
/// them computes each part once.
package struct MemoryModel: Sendable {
  private let config: LaunchConfig
  private let shape: Architecture
  private let parts: LayerParameters
  private let vocabSize: Int
  private let stages: StageMap
  private let assumptions: Assumptions

  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(
    _ config: LaunchConfig, _ shape: Architecture, vocabSize: Int, stages: StageMap, assumptions: Assumptions
  ) {
    guard let parts = LayerParameters(shape, vocabSize: vocabSize) else { return nil }
    self.config = config
    self.shape = shape
    self.parts = parts
    self.vocabSize = vocabSize
    self.stages = stages
    self.assumptions = assumptions
  }

  /// Bytes of weights, gradients, and of master weights with optimizer states.
  package struct ModelState: Hashable, Sendable {
    package let weights: Double
    package let gradients: Double
    package let optimizer: Double

    package var total: Double { weights + gradients + optimizer }
  }

  package func parameters(_ rank: Int) -> Int { held(rank).total }

  /// Everything but routed experts. Depends on TP, CP, PP and the replicas.
  package func denseState(_ rank: Int, dataParallel: Int) -> ModelState {
    let held = held(rank)
    // Optimizer states are spread over context-parallel ranks as well.
    let replicas = dataParallel * config.parallelism.contextParallelSize
    let matrices = state(held.denseMatrices, isMatrix: true, replicas: replicas)
    let others = state(held.dense - held.denseMatrices, isMatrix: false, replicas: replicas)
    return ModelState(
      weights: matrices.weights + others.weights, gradients: matrices.gradients + others.gradients,
      optimizer: matrices.optimizer + others.optimizer)
  }

  /// Routed experts. Depends on EP, ETP, PP and the expert replicas.
  package func expertState(_ rank: Int, expertDataParallel: Int) -> ModelState {
    state(held(rank).experts, isMatrix: true, replicas: expertDataParallel)
  }

  private func state(_ count: Int, isMatrix: Bool, replicas: Int) -> ModelState {
    let bytes = ParameterBytes(config, isMuonMatrix: isMatrix)
    let number = Double(count)
    // Adapters are small beside the base they leave frozen.
    if config.peft.isPresent { return ModelState(weights: number * bytes.weights, gradients: 0, optimizer: 0) }
    return ModelState(
      weights: number * bytes.weights, gradients: number * bytes.gradients,
      optimizer: number * (bytes.master + bytes.states) / (bytes.isSharded ? Double(max(replicas, 1)) : 1))
  }

  private func held(_ rank: Int) -> RankParameters {
    let parallelism = config.parallelism
    return RankParameters(
      parts, shape, chunks: stages.chunks(pp: rank), tensor: parallelism.tensorModelParallelSize,
      expert: parallelism.expertModelParallelSize,
      expertTensor: parallelism.expertTensorParallelSize ?? parallelism.tensorModelParallelSize,
      pipeline: stages.pipeline)
  }

  // MARK: Activations

  /// Tokens of one micro-batch on one rank.
  private var tokens: Double {
    Double(config.train.microBatchSize ?? 1) * Double(config.model.seqLength)
      / Double(max(config.parallelism.contextParallelSize, 1))
  }

  /// Activations of all micro-batches in flight at the worst moment. Depends on TP, CP, PP, VP, the micro batch and
  /// recomputation.
  package func activations(_ rank: Int, numMicrobatches: Int) -> Double {
    let chunks = stages.chunks(pp: rank)
    let kept = chunks.reduce(0.0) { $0 + activations(of: $1) }
    // The mean of a device's chunks serves; the layers being recomputed stand whole.
    let mean = kept / Double(max(chunks.count, 1))
    return mean * chunksInFlight(rank, numMicrobatches) + workingActivations
  }

  /// Activations that one chunk keeps of one micro-batch for the backward pass. The logits are not among them.
  package func activations(of chunk: PipelineStage) -> Double {
    let plan = RecomputePlan(config)
    let kinds = (dense: layerBytes(isMoE: false, plan), moe: layerBytes(isMoE: true, plan))
    let kept = (dense: layerBytes(isMoE: false, .none), moe: layerBytes(isMoE: true, .none))
    let perToken = chunk.layers.reduce(0.0) { sum, layer in
      let isMoE = shape.moeLayers?[layer] ?? false
      let isKept = plan == .full && !isRecomputed(indexInChunk: layer - chunk.firstLayer)
      return sum + (isMoE ? (isKept ? kept.moe : kinds.moe) : (isKept ? kept.dense : kinds.dense))
    }
    return perToken * tokens
  }

  /// What full recomputation brings back at a time: the layers between two kept inputs.
  package var workingActivations: Double {
    guard RecomputePlan(config) == .full else { return 0 }
    return max(layerBytes(isMoE: false, .none), layerBytes(isMoE: true, .none)) * recomputedTogether * tokens
  }

  private func isRecomputed(indexInChunk: Int) -> Bool {
    guard config.recompute.recomputeMethod == .block, let count = config.recompute.recomputeNumLayers else { return true }
    return indexInChunk < count
  }

  /// Layers between two kept inputs.
  private var recomputedTogether: Double {
    config.recompute.recomputeMethod == .uniform ? Double(max(config.recompute.recomputeNumLayers ?? 1, 1)) : 1
  }

  private func layerBytes(isMoE: Bool, _ plan: RecomputePlan) -> Double {
    let bytes = ActivationBytes(
      shape, isMoE: isMoE, recompute: plan, sequenceLength: config.model.seqLength,
      flashAttention: assumptions.flashAttention)
    let perRank = bytes.perRank(
      tensorParallel: config.parallelism.tensorModelParallelSize,
      sequenceParallel: config.parallelism.sequenceParallel)
    return plan == .full ? perRank / recomputedTogether : perRank
  }

  /// Chunks whose activations a rank holds at once: warm-up plus one.
  private func chunksInFlight(_ rank: Int, _ numMicrobatches: Int) -> Double {
    let pipeline = stages.pipeline
    let microbatches = max(numMicrobatches, 1)
    guard let chunks = stages.virtualPipeline else { return Double(min(microbatches, pipeline - rank)) }
    let group = config.parallelism.microbatchGroupSizePerVPStage ?? pipeline
    return Double(min(microbatches * chunks, 2 * (pipeline - rank - 1) + (chunks - 1) * group + 1))
  }

  /// On the stage with the head: bf16 logits and their fp32 softmax; Transformer Engine's fused loss needs the logits only.
  package func logits(_ rank: Int) -> Double {
    guard rank == stages.pipeline - 1 else { return 0 }
    let isFused = config.model.crossEntropyLossFusion && config.model.crossEntropyFusionImplementation == .te
    let columns = Double(vocabSize) / Double(max(config.parallelism.tensorModelParallelSize, 1))
    return tokens * columns * (isFused ? 2 : 6)
  }
}
