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
  ///   - dataParallel, expertDataParallel: replicas.
  ///   - numMicrobatches: of a step.
  ///
  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(
    _ config: LaunchConfig, _ shape: Architecture, vocabSize: Int, dataParallel: Int, expertDataParallel: Int,
    numMicrobatches: Int
  ) {
    guard let parts = LayerParameters(shape, vocabSize: vocabSize) else { return nil }
    let parallelism = config.parallelism
    let tensor = Double(parallelism.tensorModelParallelSize)
    let pipeline = Double(parallelism.pipelineModelParallelSize)
    let expertShare = Double(
      (parallelism.expertTensorParallelSize ?? parallelism.tensorModelParallelSize)
        * parallelism.expertModelParallelSize)
    let dense = Double(shape.numDenseLayers)
    let moe = Double(shape.numMoELayers)

    let splitLayers =
      Double(shape.numLayers) * Double(parts.attention) + dense * Double(parts.denseMLP)
      + moe * Double(parts.sharedExperts)
    let replicatedLayers =
      Double(shape.numLayers * parts.norms) + moe * Double(parts.router) + Double(parts.finalNorm)
    let routed = moe * Double(shape.numMoEExperts * parts.routedExpert)
    let embeddings = Double(parts.embedding) * (pipeline == 1 && !shape.tiedEmbeddings ? 2 : 1)
    let densePart = splitLayers / pipeline / tensor + embeddings / tensor + replicatedLayers / pipeline
    let expertPart = routed / pipeline / expertShare
    shardParameters = densePart + expertPart
    func bytes(_ replicas: Int) -> Double {
      config.optimizer.useDistributedOptimizer ? 6 + 12 / Double(max(replicas, 1)) : 18
    }
    weightsAndOptimizer = densePart * bytes(dataParallel) + expertPart * bytes(expertDataParallel)
    activations = Self.activations(config, shape, vocabSize: vocabSize, numMicrobatches: numMicrobatches)
  }

  private static func activations(
    _ config: LaunchConfig, _ shape: Architecture, vocabSize: Int, numMicrobatches: Int
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
    if let chunks = parallelism.virtualPipelineModelParallelSize {
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
