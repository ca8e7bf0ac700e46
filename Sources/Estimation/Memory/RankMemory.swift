
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
