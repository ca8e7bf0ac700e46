package import ConfigDocument
package import Estimation
package import Topology

/// Which layers every pipeline stage holds, and, where there are weights, what that costs and keeps.
package struct StageReport: Sendable {
  package let map: StageMap
  /// What the layout was taken for; `nil` where there is none, which is Megatron's own split.
  package let reading: LayoutReading?
  /// For each decoder layer whether it is MoE; `nil` where that is not known.
  package let moeLayers: [Bool]?
  /// The process grid, where the ranks of the stages are asked for.
  package let grid: RankGrid?
  package let analysis: PipelineAnalysis?
  /// Where the weights come from.
  package let weightSource: StageWeightSource?
  /// What the activations are of: micro-batch, sequence, parallelism.
  package let memoryBasis: String?

  package init(
    map: StageMap, reading: LayoutReading?, moeLayers: [Bool]? = nil, grid: RankGrid? = nil,
    analysis: PipelineAnalysis? = nil, weightSource: StageWeightSource? = nil, memoryBasis: String? = nil
  ) {
    self.map = map
    self.reading = reading
    self.moeLayers = moeLayers
    self.grid = grid
    self.analysis = analysis
    self.weightSource = weightSource
    self.memoryBasis = memoryBasis
  }

  package var readingText: String { reading?.text ?? "Megatron's own split" }

  /// Decoder layers of each stage, as in `7+7+7+6`.
  var counts: String { map.stages.map { "\($0.numLayers)" }.joined(separator: "+") }

  func numLayers(of stage: PipelineStage, moe isMoE: Bool) -> Int? {
    moeLayers.map { layers in stage.layers.count { layers.indices.contains($0) && layers[$0] == isMoE } }
  }

  // MARK: For programs

  /// One object, for `--format json`.
  package var tree: ConfigMapping {
    var tree: ConfigMapping = [
      "layout": .string(map.layout.megatronString),
      "reading": .string(readingText),
      "pipeline": .int(map.pipeline),
      "virtual_pipeline": map.virtualPipeline.map { .int($0) } ?? .null,
      "decoders": .list(map.stages.map { .int($0.numLayers) }),
      "stages": .list(map.stages.indices.map { .mapping(stageTree($0)) }),
    ]
    guard let analysis else { return tree }
    tree["devices"] = .list(analysis.devices.map { .mapping(deviceTree($0)) })
    tree["efficiency"] = .float(Numbers.rounded(analysis.load.efficiency))
    tree["mean_cost"] = .float(Numbers.rounded(analysis.load.mean))
    tree["max_cost"] = .float(Numbers.rounded(analysis.load.maximum))
    tree["weights"] = weightSource.map { .mapping(Self.tree(of: analysis.weights, $0)) }
    tree["balanced"] = analysis.balanced.map { .mapping(Self.tree(of: $0)) } ?? .null
    tree["balanced_with_empty_stages"] = analysis.balancedWithEmptyStages.map { .mapping(Self.tree(of: $0)) } ?? .null
    return tree
  }

  private func stageTree(_ index: Int) -> ConfigMapping {
    let stage = map.stages[index]
    var tree = stage.tree
    tree["mtp"] = .int(stage.mtp)
    tree["num_dense_layers"] = numLayers(of: stage, moe: false).map { .int($0) }
    tree["num_moe_layers"] = numLayers(of: stage, moe: true).map { .int($0) }
    if let chunk = analysis?.chunks[index] {
      tree["cost"] = .float(Numbers.rounded(chunk.cost))
      tree["cost_share"] = .float(Numbers.rounded(chunk.share))
      tree["parameters"] = chunk.parameters.map { .int($0) } ?? .null
      tree["microbatches_in_flight"] = .int(chunk.microbatchesInFlight)
      tree["activation_bytes"] = chunk.activationBytes.map { .int(Self.whole($0)) } ?? .null
    }
    if let grid, let ranks = grid.ranks(ofPipelineStage: stage.pp) { tree["ranks"] = .list(ranks.map { .int($0) }) }
    return tree
  }

  private func deviceTree(_ device: PipelineAnalysis.Device) -> ConfigMapping {
    [
      "pp": .int(device.pp), "cost": .float(Numbers.rounded(device.cost)),
      "cost_share": .float(Numbers.rounded(device.share)),
      "parameters_per_rank": device.parametersPerRank.map { .int($0) } ?? .null,
      "activation_bytes": device.activationBytes.map { .int(Self.whole($0)) } ?? .null,
    ]
  }

  private static func whole(_ bytes: Double) -> Int { Int(exactly: bytes.rounded()) ?? Int.max }

  static func tree(of weights: StageWeights, _ source: StageWeightSource) -> ConfigMapping {
    [
      "source": .string(source.text),
      "embedding": .float(Numbers.rounded(weights.embedding)),
      "layers": .list(weights.layers.map { .float(Numbers.rounded($0)) }),
      "mtp": .float(Numbers.rounded(weights.mtp)),
      "loss": .float(Numbers.rounded(weights.loss)),
    ]
  }

  private static func tree(of alternative: PipelineAnalysis.Alternative) -> ConfigMapping {
    [
      "layout": .string(alternative.map.layout.megatronString),
      "decoders": .list(alternative.map.stages.map { .int($0.numLayers) }),
      "efficiency": .float(Numbers.rounded(alternative.load.efficiency)),
      "max_cost": .float(Numbers.rounded(alternative.load.maximum)),
      "gain": .float(Numbers.rounded(alternative.gain)),
    ]
  }
}

/// Where weights come from.
package struct StageWeightSource: Hashable, Sendable {
  /// As in "from operations at 4096 tokens".
  package let text: String
  /// Whether all come from operations, so that shares of cost are shares of FLOPs.
  package let isComputed: Bool

  package init(_ text: String, isComputed: Bool) {
    self.text = text
    self.isComputed = isComputed
  }
}

extension StageWeightSource {
  /// The weights in a few words: `dense 0.999, moe 1, loss 3.585`.
  func summary(of weights: StageWeights, moeLayers: [Bool]?, hasMTP: Bool) -> String {
    var parts: [String] = []
    let number = { (value: Double) in Numbers.short(value, 3) }
    func add(_ name: String, _ values: [Double]) {
      guard let least = values.min(), let most = values.max() else { return }
      parts.append(
        number(least) == number(most) ? "\(name) \(number(least))" : "\(name) \(number(least)) to \(number(most))")
    }
    if let moeLayers, moeLayers.count == weights.layers.count, moeLayers.contains(true) {
      for (name, isMoE) in [("dense", false), ("moe", true)] {
        add(name, zip(weights.layers, moeLayers).filter { $0.1 == isMoE }.map(\.0))
      }
    } else {
      add("decoder", weights.layers)
    }
    if weights.embedding > 0 { add("embedding", [weights.embedding]) }
    if hasMTP { add("mtp", [weights.mtp]) }
    add("loss", [weights.loss])
    return parts.joined(separator: ", ")
  }
}
