package import Diagnostics
package import Topology

/// Costs of the model's parts that somebody measured or chose, in place of the computed ones; in any one unit.
///
/// What is not given keeps its computed ratio to a decoder layer, so `loss=2.5` alone is in units of a MoE layer, and
/// `decoder=12.5` turns everything into whatever 12.5 is.
package struct GivenWeights: Sendable {
  /// A part that can be given a weight; the raw value is what people write.
  package enum Part: String, Hashable, Sendable, CaseIterable {
    case embedding
    /// Every decoder layer, unless its kind is given.
    case decoder
    case dense
    case moe
    case mtp
    /// The output head with the loss.
    case loss
  }

  package var parts: [Part: Double]
  /// One weight a decoder layer, first to last; excludes weights by kind.
  package var layers: [Double]?
  /// Where `layers` stands, for the message that there are too many or too few.
  package var layersPlace: SourceLocation?

  package init(parts: [Part: Double] = [:], layers: [Double]? = nil, layersPlace: SourceLocation? = nil) {
    self.parts = parts
    self.layers = layers
    self.layersPlace = layersPlace
  }

  /// The computed weights with these in their place.
  ///
  /// - Parameters:
  ///   - computed: the weights of the same model from its operations.
  ///   - moeLayers: for each decoder layer whether it is MoE.
  /// - Throws: where there are weights for another number of layers, and where nothing has a weight.
  package func applied(to computed: StageWeights, moeLayers: [Bool]) throws(GivenWeightsError) -> StageWeights {
    var weights = computed
    if let layers {
      guard layers.count == computed.layers.count else {
        throw .layerCount(weights: layers.count, model: computed.layers.count)
      }
      weights.layers = layers
    } else {
      let unit = unit(of: computed, moeLayers)
      for (index, isMoE) in zip(weights.layers.indices, moeLayers) {
        weights.layers[index] = parts[isMoE ? .moe : .dense] ?? parts[.decoder] ?? computed.layers[index] * unit
      }
    }
    let before = Self.mean(computed.layers)
    let unit = layers != nil && before > 0 ? Self.mean(weights.layers) / before : unit(of: computed, moeLayers)
    weights.embedding = parts[.embedding] ?? computed.embedding * unit
    weights.mtp = parts[.mtp] ?? computed.mtp * unit
    weights.loss = parts[.loss] ?? computed.loss * unit
    guard weights.layers.contains(where: { $0 > 0 }) || weights.loss > 0 || weights.embedding > 0 else {
      throw .nothingCosts
    }
    return weights
  }

  /// What one unit of the computed weights is in the given ones: by the MoE layers, else by all, else by the dense.
  private func unit(of computed: StageWeights, _ moeLayers: [Bool]) -> Double {
    let computedLayer = { (isMoE: Bool) in zip(computed.layers, moeLayers).first { $0.1 == isMoE }?.0 }
    let isMoE = moeLayers.contains(true)
    for (part, layer) in [
      (Part.moe, computedLayer(true)), (.decoder, computedLayer(isMoE)), (.dense, isMoE ? nil : computedLayer(false)),
    ] {
      if let given = parts[part], let layer, layer > 0 { return given / layer }
    }
    return 1
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}

/// Why weights do not fit a model.
package enum GivenWeightsError: Error, Hashable, Sendable {
  case layerCount(weights: Int, model: Int)
  case nothingCosts
}

extension GivenWeightsError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .layerCount(let weights, let model):
      "there are weights for \(weights) layer\(weights == 1 ? "" : "s"), but the model has \(model)"
    case .nothingCosts: "every weight is 0, so there is nothing to balance"
    }
  }
}
