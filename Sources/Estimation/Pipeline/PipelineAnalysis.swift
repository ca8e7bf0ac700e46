package import LaunchModel
package import Topology

/// What every chunk of a pipeline holds, costs and keeps, and what a better split would gain.
package struct PipelineAnalysis: Sendable {
  /// One chunk, in model order.
  package struct Chunk: Hashable, Sendable {
    package let stage: PipelineStage
    package let cost: Double
    /// Of the cost of all chunks; 0 where nothing costs anything.
    package let share: Double
    /// Parameters of the chunk, whole: not yet spread over ranks. `nil` where they cannot be counted.
    package let parameters: Int?
    /// Micro-batches of the chunk in flight at its own peak.
    package let microbatchesInFlight: Int
    /// Bytes on one rank that those keep, logits included; `nil` where they cannot be counted.
    package let activationBytes: Double?
  }

  /// One pipeline rank: all its chunks together.
  package struct Device: Hashable, Sendable {
    package let pp: Int
    package let cost: Double
    package let share: Double
    /// What one rank of the stage holds, with tensor, expert and expert-tensor parallelism.
    package let parametersPerRank: Int?
    /// Bytes of activations at the worst moment of the schedule, on one rank.
    package let activationBytes: Double?
  }

  /// Another split of the same layers over the same pipeline.
  package struct Alternative: Hashable, Sendable {
    package let map: StageMap
    package let load: PipelineLoad
    /// The busiest rank's load here over the busiest rank's there.
    package let gain: Double
    /// Whether nothing better exists; else it is what a bounded search found.
    package let isProven: Bool
  }

  package let map: StageMap
  package let weights: StageWeights
  package let load: PipelineLoad
  package let chunks: [Chunk]
  package let devices: [Device]
  /// The best split where every chunk holds a layer; `nil` without a pipeline, or where none can be found.
  package let balanced: Alternative?
  /// The best split where chunks may hold none; `nil` where that gains less than half a percent over `balanced`.
  package let balancedWithEmptyStages: Alternative?

  /// - Parameters:
  ///   - weights: for the layers that the map deals.
  ///   - numMicrobatches: of a step; `nil` takes enough to fill the pipeline.
  ///   - vocabSize: rows of the embedding, padded; `nil` where it is not known.
  /// - Throws: where there are weights for another number of layers.
  package init(
    of map: StageMap, _ config: LaunchConfig, weights: StageWeights, numMicrobatches: Int? = nil, vocabSize: Int?
  ) throws(BalanceError) {
    let shape = Architecture(config)
    let load = try PipelineLoad(of: map, weights: weights)
    let kinds = LayerKinds(shape)
    let parts = shape.moeLayers == nil ? nil : vocabSize.flatMap { LayerParameters(shape, vocabSize: $0) }
    let memory =
      parts == nil
      ? nil
      : vocabSize.flatMap {
        MemoryModel(config, shape, vocabSize: $0, stages: map, assumptions: Assumptions())
      }
    let kept = memory.map { model in
      map.stages.map { model.activations(of: $0) + ($0.loss ? model.logits($0.pp) : 0) }
    }
    let inFlight = Self.inFlight(map, config, kept: kept, numMicrobatches: numMicrobatches)
    let total = load.chunks.reduce(0, +)
    let share = { (cost: Double) in total > 0 ? cost / total : 0 }

    self.map = map
    self.weights = weights
    self.load = load
    chunks = map.stages.indices.map { index in
      let stage = map.stages[index]
      let count = inFlight?.stages[index] ?? 0
      return Chunk(
        stage: stage, cost: load.chunks[index], share: share(load.chunks[index]),
        parameters: parts.map {
          RankParameters(
            $0, numExperts: shape.numMoEExperts, kinds.contents(of: stage), endsInMoE: kinds.endsInMoE, tensor: 1,
            expert: 1, expertTensor: 1, pipeline: map.pipeline
          ).total
        }, microbatchesInFlight: count, activationBytes: kept.map { $0[index] * Double(count) })
    }
    devices = load.devices.indices.map { rank in
      Device(
        pp: rank, cost: load.devices[rank], share: share(load.devices[rank]),
        parametersPerRank: memory?.placement(rank).total,
        activationBytes: memory.flatMap { model in inFlight.map { $0.memory[rank] + model.layerWorking } })
    }
    balanced = Self.alternative(to: map, load, weights, allowEmptyStages: false)
    let looser = Self.alternative(to: map, load, weights, allowEmptyStages: true)
    let best = balanced?.load.maximum ?? .infinity
    balancedWithEmptyStages = looser.flatMap { $0.load.maximum < best * 0.995 ? $0 : nil }
  }

  /// Whether nothing is better than the layout at hand, by the load of the busiest rank.
  package var isBalanced: Bool {
    guard let best = balancedWithEmptyStages ?? balanced else { return true }
    return best.gain <= 1 + Self.tolerance
  }

  /// Gains below this share are no gains.
  package static let tolerance = 1e-9

  private static func alternative(
    to map: StageMap, _ load: PipelineLoad, _ weights: StageWeights, allowEmptyStages: Bool
  ) -> Alternative? {
    guard map.pipeline > 1 else { return nil }
    let mtp = map.stages.reduce(0) { $0 + $1.mtp }
    guard
      let balanced = try? BalancedLayout(
        weights: weights, mtpNumLayers: mtp, pipeline: map.pipeline, virtualPipeline: map.virtualPipeline,
        allowEmptyStages: allowEmptyStages), balanced.load.maximum > 0
    else { return nil }
    return Alternative(
      map: balanced.map, load: balanced.load, gain: load.maximum / balanced.load.maximum,
      isProven: balanced.isProven)
  }

  /// Counted along the schedule of as few micro-batches as show the peak.
  private static func inFlight(
    _ map: StageMap, _ config: LaunchConfig, kept: [Double]?, numMicrobatches: Int?
  ) -> ActivationsInFlight? {
    let pipeline = map.pipeline
    let group = max(config.parallelism.microbatchGroupSizePerVPStage ?? pipeline, pipeline)
    // Warm-up takes at most three groups of each chunk; the fourth repeats for ever.
    let enough = map.virtualPipeline == nil ? pipeline : group.multipliedReportingOverflow(by: 4).partialValue
    let wanted = min(numMicrobatches ?? enough, enough)
    for microbatches in [wanted, enough] {
      guard
        let schedule = try? PipelineSchedule(
          pipeline: pipeline, virtualPipeline: map.virtualPipeline, microbatches: microbatches,
          groupSize: map.virtualPipeline == nil ? nil : group)
      else { continue }
      if let result = try? ActivationsInFlight(schedule: schedule, weights: kept) { return result }
    }
    return nil
  }
}
