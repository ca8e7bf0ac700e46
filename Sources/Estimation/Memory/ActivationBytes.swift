/// Bytes of activations that one token leaves on the ranks of a layer, by what splits them.
package struct ActivationBytes: Hashable, Sendable {
  /// What sequence parallelism splits and plain tensor parallelism does not: residuals, norm outputs, latents.
  package var sequence: Double
  /// What tensor parallelism splits in any case.
  package var tensor: Double

  package static let zero = ActivationBytes(sequence: 0, tensor: 0)

  package var total: Double { sequence + tensor }

  /// On one rank.
  package func perRank(tensorParallel: Int, sequenceParallel: Bool) -> Double {
    let share = Double(max(tensorParallel, 1))
    return tensor / share + (sequenceParallel ? sequence / share : sequence)
  }

  package static func + (left: ActivationBytes, right: ActivationBytes) -> ActivationBytes {
    ActivationBytes(sequence: left.sequence + right.sequence, tensor: left.tensor + right.tensor)
  }

  package static func - (left: ActivationBytes, right: ActivationBytes) -> ActivationBytes {
    ActivationBytes(sequence: left.sequence - right.sequence, tensor: left.tensor - right.tensor)
  }

  package static func * (factor: Double, bytes: ActivationBytes) -> ActivationBytes {
    ActivationBytes(sequence: factor * bytes.sequence, tensor: factor * bytes.tensor)
  }
}
