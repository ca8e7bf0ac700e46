package import LaunchModel

/// What Megatron-LM's `theoretical_memory_usage.py` prints for a config, to compare: it ignores custom layouts, splits
/// the latent projections that are in truth replicated, knows neither precision-aware optimizer nor Muon, and counts
/// activations as if every layer were dense.
package struct MegatronMemoryReport: Hashable, Sendable {
  /// Parameters of the most loaded shard.
  package let shardParameters: Double
  /// Bytes.
  package let weightsAndOptimizer: Double
  /// Bytes.
  package let activations: Double

  package var total: Double { weightsAndOptimizer + activations }

  /// - Parameters:
  ///   - virtualPipeline: chunks of a rank, the layout's where it has set them.
  ///   - dataParallel, expertDataParallel: replicas.
  ///   - numMicrobatches: of a step.
  ///
  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(
    _ config: LaunchConfig, _ shape: Architecture, vocabSize: Int, virtualPipeline: Int?, dataParallel: Int,
    expertDataParallel: Int, numMicrobatches: Int
  ) {
    guard shape.isCountable else { return nil }
    let parts = MegatronParts(shape, vocabSize: vocabSize)
    let parallelism = config.parallelism
    let tensor = Double(parallelism.tensorModelParallelSize)
    let pipeline = Double(parallelism.pipelineModelParallelSize)
    let sizes = config.parallelSizes
    let expertShare = Double(sizes.expertTensor * sizes.expert)
    // The head is on the same shard as the embedding without a pipeline.
    let tables = pipeline == 1 && !shape.tiedEmbeddings ? 2.0 : 1
    let split = parts.block.split / pipeline + parts.mtp.split + tables * parts.embedding
    let dense = split / tensor + parts.block.replicated / pipeline + parts.mtp.replicated
    let experts = (parts.block.experts / pipeline + parts.mtp.experts) / expertShare
    shardParameters = dense + experts
    let isSharded = config.optimizer.useDistributedOptimizer || config.ddp.useDistributedOptimizer
    func bytes(_ replicas: Int) -> Double { isSharded ? 6 + 12 / Double(max(replicas, 1)) : 18 }
    weightsAndOptimizer = dense * bytes(dataParallel) + experts * bytes(expertDataParallel)
    activations = Self.activations(
      config, shape, vocabSize: vocabSize, virtualPipeline: virtualPipeline, numMicrobatches: numMicrobatches)
  }

  private static func activations(
    _ config: LaunchConfig, _ shape: Architecture, vocabSize: Int, virtualPipeline: Int?, numMicrobatches: Int
  ) -> Double {
    let parallelism = config.parallelism
    let tensor = Double(parallelism.tensorModelParallelSize)
    let pipeline = Double(parallelism.pipelineModelParallelSize)
    let sequence = Double(config.model.seqLength)
    let micro = Double(config.train.microBatchSize ?? 1)
    let hidden = Double(shape.hiddenSize)
    let token = sequence * micro * hidden
    let layers = Double(shape.numLayers)
    let isSelective = config.recompute.recomputeGranularity == .selective
    let usesShort = parallelism.sequenceParallel && isSelective
    var bytes =
      usesShort
      ? layers * token * (18 + 4 * Double(shape.ffnHiddenSize) / hidden) : layers * token * (10 + 24 / tensor)
    bytes += 8 * sequence * micro * pipeline + token * pipeline
    if let chunks = virtualPipeline {
      bytes *= 1 + (pipeline - 1) / (pipeline * Double(chunks))
    } else if pipeline > 1 {
      bytes *= min(1, Double(numMicrobatches) / pipeline)
    }
    guard usesShort else {
      if pipeline == 1 { bytes += 2 * (sequence * micro * Double(vocabSize) / tensor + token) }
      return bytes * 1.05
    }
    if pipeline == 1 { bytes += 4 * token * (1 + Double(vocabSize) / hidden) }
    return bytes / tensor
  }
}

/// The parameters as that report counts them, by how it thinks they are split.
private struct MegatronParts {
  struct Placed {
    var split = 0.0
    var replicated = 0.0
    var experts = 0.0
  }

  let block: Placed
  let mtp: Placed
  let embedding: Double

  init(_ shape: Architecture, vocabSize: Int) {
    let hidden = Double(shape.hiddenSize)
    let heads = Double(shape.numAttentionHeads)
    let norm = Double(shape.normVectors)
    let matrices: Double = shape.gatedLinearUnit ? 3 : 2
    let attention: Double
    if shape.isLatentAttention {
      let query = heads * Double(shape.qkHeadDim + shape.qkPosEmbHeadDim)
      let value = heads * Double(shape.vHeadDim)
      let latent = Double(shape.kvLoraRank)
      let queryTerm = shape.qLoraRank.map { Double($0) * (hidden + query + norm) } ?? (hidden * query)
      attention =
        queryTerm + latent * (hidden + heads * Double(shape.qkHeadDim) + value + norm)
        + hidden * Double(shape.qkPosEmbHeadDim) + value * hidden
    } else {
      let groups = Double(shape.numQueryGroups) / max(heads, 1)
      attention = 2 * hidden * (1 + groups) * Double(shape.kvChannels) * heads
    }
    let norms = 2 * hidden * norm
    let router = (hidden + (shape.hasBiases ? 1 : 0)) * Double(shape.numMoEExperts)
    func placed(dense: Int, moe: Int) -> Placed {
      let (dense, moe) = (Double(dense), Double(moe))
      return Placed(
        split: (dense + moe) * attention + dense * matrices * hidden * Double(shape.ffnHiddenSize)
          + moe * matrices * hidden * Double(shape.sharedExpertIntermediateSize),
        replicated: (dense + moe) * norms + moe * router,
        experts: moe * matrices * hidden * Double(shape.moeFFNHiddenSize) * Double(shape.numMoEExperts))
    }
    var block = placed(dense: shape.numDenseLayers, moe: shape.numMoELayers)
    block.replicated += norm * hidden
    self.block = block
    let endsInMoE = shape.moeLayers?.last ?? false
    mtp = placed(dense: endsInMoE ? 0 : shape.mtpNumLayers, moe: endsInMoE ? shape.mtpNumLayers : 0)
    embedding = Double(vocabSize) * hidden
  }
}
