/// What the parts of a model cost, in any one unit of time or work, and how much activation memory they keep.
///
/// Costs decide how layers are balanced; activations only break ties, and may be in any unit of their own.
package struct StageWeights: Hashable, Sendable {
  /// The cost of each decoder layer, first to last.
  package var layers: [Double]
  package var embedding: Double
  /// The output head with the loss.
  package var loss: Double
  /// One MTP layer.
  package var mtp: Double
  /// The activations of each decoder layer for one micro-batch; by default all layers keep one unit.
  package var layerActivations: [Double]
  package var embeddingActivations: Double
  package var lossActivations: Double
  package var mtpActivations: Double

  package init(
    layers: [Double], embedding: Double = 0, loss: Double = 0, mtp: Double = 1, layerActivations: [Double]? = nil,
    embeddingActivations: Double = 0, lossActivations: Double = 0, mtpActivations: Double = 1
  ) {
    self.layers = layers
    self.embedding = embedding
    self.loss = loss
    self.mtp = mtp
    self.layerActivations = layerActivations ?? [Double](repeating: 1, count: layers.count)
    self.embeddingActivations = embeddingActivations
    self.lossActivations = lossActivations
    self.mtpActivations = mtpActivations
  }

  /// The first weight that is negative or no number, with its name; `nil` where all are usable.
  var firstUnusable: (name: String, value: Double)? {
    let single = [
      ("embedding", embedding), ("loss", loss), ("mtp", mtp), ("embedding activations", embeddingActivations),
      ("loss activations", lossActivations), ("mtp activations", mtpActivations),
    ]
    let listed =
      layers.enumerated().map { ("layer \($0)", $1) }
      + layerActivations.enumerated().map { ("layer \($0) activations", $1) }
    return (single + listed).first { !($0.1 >= 0 && $0.1 <= Self.largest) }
  }

  /// Sums and squares of weights up to here stay far from infinity.
  static let largest = 1e100
}

/// Bounds on the work of balancing.
package enum BalanceLimits {
  package static let stages = 1_024
  package static let layers = 1_000
}
