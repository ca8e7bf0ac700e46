package import LaunchModel
package import Topology

/// The parts that a rank's memory is the sum of. Each depends on few of the parallel sizes, so that a search over all of
/// them computes each part once.
package struct MemoryModel: Sendable {
  private let shape: Architecture
  private let parts: LayerParameters
  private let stages: StageMap
  // What the config says, looked up once: a search asks for every rank of thousands of layouts.
  private let sizes: (tensor: Int, context: Int, expert: Int, expertTensor: Int)
  private let groupSize: Int?
  private let hasAdapters: Bool
  private let matrixBytes: ParameterBytes
  private let otherBytes: ParameterBytes
  private let plan: RecomputePlan
  /// Layers of a chunk that are recomputed, from its first; `nil` for all.
  private let recomputedLayers: Int?
  private let recomputedTogether: Double
  /// Bytes a token that a layer keeps, as planned and without any recomputation.
  private let planned: LayerBytes
  private let whole: LayerBytes
  private let tokens: Double
  private let logitBytes: Double

  private struct LayerBytes: Sendable {
    let dense: Double
    let moe: Double
  }

  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(
    _ config: LaunchConfig, _ shape: Architecture, vocabSize: Int, stages: StageMap, assumptions: Assumptions
  ) {
    guard let parts = LayerParameters(shape, vocabSize: vocabSize) else { return nil }
    self.shape = shape
    self.parts = parts
    self.stages = stages
    let (parallelism, recompute, model) = (config.parallelism, config.recompute, config.model)
    let tensor = parallelism.tensorModelParallelSize
    sizes = (
      tensor, parallelism.contextParallelSize, parallelism.expertModelParallelSize,
      parallelism.expertTensorParallelSize ?? tensor
    )
    groupSize = parallelism.microbatchGroupSizePerVPStage
    hasAdapters = config.peft.isPresent
    matrixBytes = ParameterBytes(config, isMuonMatrix: true)
    otherBytes = ParameterBytes(config, isMuonMatrix: false)

    plan = RecomputePlan(config)
    recomputedLayers = recompute.recomputeMethod == .block ? recompute.recomputeNumLayers : nil
    let together = recompute.recomputeMethod == .uniform ? Double(max(recompute.recomputeNumLayers ?? 1, 1)) : 1
    recomputedTogether = together
    let (length, isParallel) = (model.seqLength, parallelism.sequenceParallel)
    func layerBytes(isMoE: Bool, _ plan: RecomputePlan) -> Double {
      let bytes = ActivationBytes(
        shape, isMoE: isMoE, recompute: plan, sequenceLength: length, flashAttention: assumptions.flashAttention)
      let perRank = bytes.perRank(tensorParallel: tensor, sequenceParallel: isParallel)
      return plan == .full ? perRank / together : perRank
    }
    planned = LayerBytes(dense: layerBytes(isMoE: false, plan), moe: layerBytes(isMoE: true, plan))
    whole =
      plan == .full ? LayerBytes(dense: layerBytes(isMoE: false, .none), moe: layerBytes(isMoE: true, .none)) : planned
    tokens = Double(config.train.microBatchSize ?? 1) * Double(length) / Double(max(sizes.context, 1))
    let isFused = model.crossEntropyLossFusion && model.crossEntropyFusionImplementation == .te
    logitBytes = tokens * Double(vocabSize) / Double(max(tensor, 1)) * (isFused ? 2 : 6)
  }

  /// Bytes of weights, gradients, and of master weights with optimizer states.
  package struct ModelState: Hashable, Sendable {
    package let weights: Double
    package let gradients: Double
    package let optimizer: Double

    package var total: Double { weights + gradients + optimizer }
  }

  package func parameters(_ rank: Int) -> Int { held(rank).total }

  /// Everything that a rank needs.
  package func memory(
    _ rank: Int, dataParallel: Int, expertDataParallel: Int, numMicrobatches: Int
  ) -> RankMemory {
    let held = held(rank)
    let dense = denseState(held, dataParallel: dataParallel)
    let experts = expertState(held, expertDataParallel: expertDataParallel)
    return RankMemory(
      pipelineRank: rank, parameters: held.total, weights: dense.weights + experts.weights,
      gradients: dense.gradients + experts.gradients, optimizer: dense.optimizer + experts.optimizer,
      activations: activations(rank, numMicrobatches: numMicrobatches), logits: logits(rank))
  }

  /// Everything but routed experts. Depends on TP, CP, PP and the replicas.
  package func denseState(_ rank: Int, dataParallel: Int) -> ModelState {
    denseState(held(rank), dataParallel: dataParallel)
  }

  private func denseState(_ held: RankParameters, dataParallel: Int) -> ModelState {
    // Optimizer states are spread over context-parallel ranks as well.
    let replicas = dataParallel * sizes.context
    let matrices = state(held.denseMatrices, matrixBytes, replicas: replicas)
    let others = state(held.dense - held.denseMatrices, otherBytes, replicas: replicas)
    return ModelState(
      weights: matrices.weights + others.weights, gradients: matrices.gradients + others.gradients,
      optimizer: matrices.optimizer + others.optimizer)
  }

  /// Routed experts. Depends on EP, ETP, PP and the expert replicas.
  package func expertState(_ rank: Int, expertDataParallel: Int) -> ModelState {
    expertState(held(rank), expertDataParallel: expertDataParallel)
  }

  private func expertState(_ held: RankParameters, expertDataParallel: Int) -> ModelState {
    state(held.experts, matrixBytes, replicas: expertDataParallel)
  }

  private func state(_ count: Int, _ bytes: ParameterBytes, replicas: Int) -> ModelState {
    let number = Double(count)
    // Adapters are small beside the base they leave frozen.
    if hasAdapters { return ModelState(weights: number * bytes.weights, gradients: 0, optimizer: 0) }
    return ModelState(
      weights: number * bytes.weights, gradients: number * bytes.gradients,
      optimizer: number * (bytes.master + bytes.states) / (bytes.isSharded ? Double(max(replicas, 1)) : 1))
  }

  private func held(_ rank: Int) -> RankParameters {
    RankParameters(
      parts, shape, chunks: stages.chunks(pp: rank), tensor: sizes.tensor, expert: sizes.expert,
      expertTensor: sizes.expertTensor, pipeline: stages.pipeline)
  }

  // MARK: Activations

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
    let perToken = chunk.layers.reduce(0.0) { sum, layer in
      let isWhole = recomputedLayers.map { layer - chunk.firstLayer >= $0 } ?? false
      let bytes = isWhole ? whole : planned
      return sum + (shape.moeLayers?[layer] ?? false ? bytes.moe : bytes.dense)
    }
    return perToken * tokens
  }

  /// What full recomputation brings back at a time: the layers between two kept inputs.
  package var workingActivations: Double {
    plan == .full ? max(whole.dense, whole.moe) * recomputedTogether * tokens : 0
  }

  /// Chunks whose activations a rank holds at once: warm-up plus one.
  private func chunksInFlight(_ rank: Int, _ numMicrobatches: Int) -> Double {
    let pipeline = stages.pipeline
    let microbatches = max(numMicrobatches, 1)
    guard let chunks = stages.virtualPipeline else { return Double(min(microbatches, pipeline - rank)) }
    let group = groupSize ?? pipeline
    return Double(min(microbatches * chunks, 2 * (pipeline - rank - 1) + (chunks - 1) * group + 1))
  }

  /// On the stage with the head: bf16 logits and their fp32 softmax; Transformer Engine's fused loss needs the logits only.
  package func logits(_ rank: Int) -> Double { rank == stages.pipeline - 1 ? logitBytes : 0 }
}
