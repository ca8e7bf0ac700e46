/// How evenly a stage map spreads a model's cost, and what each rank keeps in memory.
package struct PipelineLoad: Hashable, Sendable {
  /// The cost of each chunk, in model order.
  package let chunks: [Double]
  /// The cost of each pipeline rank, all its chunks together.
  package let devices: [Double]
  /// The activations that each pipeline rank keeps at its peak: those of its chunks times the micro-batches in flight.
  package let activations: [Double]

  /// - Throws: where there are weights for another number of layers.
  package init(of map: StageMap, weights: StageWeights) throws(BalanceError) {
    let numLayers = map.stages.reduce(0) { $0 + $1.numLayers }
    guard weights.layers.count == numLayers, weights.layerActivations.count == numLayers else {
      throw .layerCount(weights: weights.layers.count, model: numLayers)
    }
    chunks = map.stages.map { stage in
      weights.layers[stage.layers].reduce(0, +) + Double(stage.mtp) * weights.mtp
        + (stage.embedding ? weights.embedding : 0) + (stage.loss ? weights.loss : 0)
    }
    let kept = map.stages.map { stage in
      weights.layerActivations[stage.layers].reduce(0, +) + Double(stage.mtp) * weights.mtpActivations
        + (stage.embedding ? weights.embeddingActivations : 0) + (stage.loss ? weights.lossActivations : 0)
    }
    let pipeline = map.pipeline
    let perRank = { (values: [Double]) in
      (0..<pipeline).map { rank in stride(from: rank, to: values.count, by: pipeline).reduce(0) { $0 + values[$1] } }
    }
    devices = perRank(chunks)
    let virtual = map.stages.count / pipeline
    activations = perRank(kept).enumerated().map { rank, sum in
      sum * microbatchesInFlight(rank: rank, pipeline: pipeline, virtualPipeline: virtual)
    }
  }

  /// The load of the busiest rank, which sets the pace.
  package var maximum: Double { devices.max() ?? 0 }
  package var mean: Double { devices.isEmpty ? 0 : devices.reduce(0, +) / Double(devices.count) }
  /// Mean load over maximum load; 1 where every rank works all the time.
  package var efficiency: Double { maximum > 0 ? mean / maximum : 1 }
  package var peakActivations: Double { activations.max() ?? 0 }
}

/// How many micro-batches' activations a pipeline rank keeps at its peak, in units of all its chunks together, given
/// enough micro-batches: `p - i` for 1F1B, `(2 (p - i - 1) + (v - 1) p + 1) / v` for the interleaved schedule.
///
/// The warm-up of Megatron's `get_pp_rank_microbatches` plus one.
package func microbatchesInFlight(rank: Int, pipeline: Int, virtualPipeline: Int) -> Double {
  if virtualPipeline <= 1 { return Double(pipeline) - Double(rank) }
  let warmup = 2 * (Double(pipeline) - Double(rank) - 1) + (Double(virtualPipeline) - 1) * Double(pipeline)
  return (warmup + 1) / Double(virtualPipeline)
}
