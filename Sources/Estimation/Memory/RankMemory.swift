package import LaunchModel
package import Topology

/// Bytes that a rank of one pipeline stage needs.
package struct RankMemory: Hashable, Sendable {
  package let pipelineRank: Int
  package let parameters: Int
  package let weights: Double
  package let gradients: Double
  /// Master weights and optimizer states.
  package let optimizer: Double
  /// Of all micro-batches in flight, at the worst moment.
  package let activations: Double
  /// Logits and their softmax on the stage with the head.
  package let logits: Double

  package var modelState: Double { weights + gradients + optimizer }
  package var total: Double { modelState + activations + logits }
}

/// The memory of every pipeline stage, placement by placement.
package struct MemoryEstimate: Hashable, Sendable {
  /// By pipeline rank.
  package let ranks: [RankMemory]
  package let assumptions: Assumptions

  /// The rank that needs most.
  package var worst: RankMemory? { ranks.max { $0.total < $1.total } }

  /// Bytes the worst rank needs, with what the system takes beside it.
  package var worstTotal: Double { (worst?.total ?? 0) + assumptions.reservedGiB * gibibyte }

  /// - Parameters:
  ///   - stages: who holds which layer.
  ///   - dataParallel, expertDataParallel: replicas of dense layers and of experts.
  ///   - numMicrobatches: of a step.
  package init(
    _ config: LaunchConfig, _ shape: Architecture, vocabSize: Int, stages: StageMap, dataParallel: Int,
    expertDataParallel: Int, numMicrobatches: Int, assumptions: Assumptions = Assumptions()
  ) {
    self.assumptions = assumptions
    let context = MemoryContext(
      config: config, shape: shape, parts: LayerParameters(shape, vocabSize: vocabSize), vocabSize: vocabSize,
      stages: stages, dataParallel: dataParallel * config.parallelism.contextParallelSize,
      expertDataParallel: expertDataParallel, numMicrobatches: numMicrobatches, assumptions: assumptions)
    ranks = (0..<stages.pipeline).map(context.rank)
  }
}

let gibibyte = 1_073_741_824.0

private struct MemoryContext {
  let config: LaunchConfig
  let shape: Architecture
  let parts: LayerParameters
  let vocabSize: Int
  let stages: StageMap
  let dataParallel: Int
  let expertDataParallel: Int
  let numMicrobatches: Int
  let assumptions: Assumptions

  func rank(_ pipelineRank: Int) -> RankMemory {
    let parallelism = config.parallelism
    let chunks = stages.chunks(pp: pipelineRank)
    let held = RankParameters(
      parts, shape, chunks: chunks, tensor: parallelism.tensorModelParallelSize,
      expert: parallelism.expertModelParallelSize,
      expertTensor: parallelism.expertTensorParallelSize ?? parallelism.tensorModelParallelSize,
      pipeline: stages.pipeline)
    let isFrozen = config.peft.isPresent
    let matrix = ParameterBytes(config, isMuonMatrix: true)
    let other = ParameterBytes(config, isMuonMatrix: false)
    let weights = Double(held.total) * other.weights
    var gradients = 0.0
    var optimizer = 0.0
    if !isFrozen {
      gradients = Double(held.total) * other.gradients
      func states(_ bytes: ParameterBytes, _ count: Int, _ replicas: Int) -> Double {
        Double(count) * (bytes.master + bytes.states) / (bytes.isSharded ? Double(max(replicas, 1)) : 1)
      }
      optimizer =
        states(matrix, held.denseMatrices, dataParallel)
        + states(other, held.dense - held.denseMatrices, dataParallel)
        + states(matrix, held.experts, expertDataParallel)
    }
    return RankMemory(
      pipelineRank: pipelineRank, parameters: held.total, weights: weights, gradients: gradients,
      optimizer: optimizer, activations: activations(chunks, pipelineRank),
      logits: chunks.contains(where: \.loss) ? logits : 0)
  }

  /// Tokens of one micro-batch on one rank.
  private var tokens: Double {
    Double(config.train.microBatchSize ?? 1) * Double(config.model.seqLength)
      / Double(max(config.parallelism.contextParallelSize, 1))
  }

  private func activations(_ chunks: [PipelineStage], _ pipelineRank: Int) -> Double {
    let plan = RecomputePlan(config)
    let perChunk = chunks.map { chunk in
      chunk.layers.reduce(0.0) { $0 + layerBytes($1, plan, indexInChunk: $1 - chunk.firstLayer) } * tokens
    }
    let inFlight = chunksInFlight(pipelineRank)
    // Chunks of a device differ by a layer at most, so the mean serves; one of them is whole while it is recomputed.
    let mean = perChunk.reduce(0, +) / Double(max(perChunk.count, 1))
    return mean * inFlight + (plan == .full ? workingLayer * tokens : 0)
  }

  private func layerBytes(_ layer: Int, _ plan: RecomputePlan, indexInChunk: Int) -> Double {
    var plan = plan
    var share = 1.0
    if plan == .full, let count = config.recompute.recomputeNumLayers {
      switch config.recompute.recomputeMethod {
      case .block: if indexInChunk >= count { plan = .none }
      case .uniform: share = 1 / Double(max(count, 1))
      case nil: break
      }
    }
    let bytes = ActivationBytes(
      shape, isMoE: shape.moeLayers?[layer] ?? false, recompute: plan, sequenceLength: config.model.seqLength,
      flashAttention: assumptions.flashAttention)
    return perRank(bytes) * share
  }

  /// The group of layers that is being recomputed stands in memory whole.
  private var workingLayer: Double {
    let bytes = ActivationBytes(
      shape, isMoE: shape.numMoELayers > 0, recompute: .none, sequenceLength: config.model.seqLength,
      flashAttention: assumptions.flashAttention)
    let layers = config.recompute.recomputeMethod == .uniform ? config.recompute.recomputeNumLayers ?? 1 : 1
    return perRank(bytes) * Double(layers)
  }

  private func perRank(_ bytes: ActivationBytes) -> Double {
    bytes.perRank(
      tensorParallel: config.parallelism.tensorModelParallelSize,
      sequenceParallel: config.parallelism.sequenceParallel)
  }

  /// Chunks whose activations a rank holds at once: warm-up plus one.
  private func chunksInFlight(_ rank: Int) -> Double {
    let pipeline = stages.pipeline
    let chunks = stages.virtualPipeline ?? 1
    let microbatches = max(numMicrobatches, 1)
    if stages.virtualPipeline == nil { return Double(min(microbatches, pipeline - rank)) }
    let group = config.parallelism.microbatchGroupSizePerVPStage ?? pipeline
    return Double(min(microbatches * chunks, 2 * (pipeline - rank - 1) + (chunks - 1) * group + 1))
  }

  /// bf16 logits and their fp32 softmax; Transformer Engine's fused loss needs the logits only.
  private var logits: Double {
    let isFused = config.model.crossEntropyLossFusion && config.model.crossEntropyFusionImplementation == .te
    return tokens * Double(vocabSize) / Double(max(config.parallelism.tensorModelParallelSize, 1)) * (isFused ? 2 : 6)
  }
}
