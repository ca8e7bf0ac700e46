/// Bytes that a rank of one pipeline stage needs.
package struct RankMemory: Hashable, Sendable {
  package let pipelineRank: Int
  package let layers: Int
  /// The model's parameters by how they are placed.
  package let placement: RankParameters
  /// Parameters of adapters.
  package let adapterParameters: Int
  /// Whether adapters alone are trained.
  package let isFrozen: Bool
  /// Of everything, adapters included.
  package let state: ModelState
  /// Of all micro-batches in flight, at the worst moment.
  package let activations: Double
  /// Logits and their softmax on the stage with the head.
  package let logits: Double

  /// With adapters.
  package var parameters: Int { placement.total + adapterParameters }
  package var trainedParameters: Int { isFrozen ? adapterParameters : placement.total }
  package var total: Double { state.total + activations + logits }
}
