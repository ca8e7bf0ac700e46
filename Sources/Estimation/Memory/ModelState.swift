/// Bytes of parameters and of what training keeps beside them.
package struct ModelState: Hashable, Sendable {
  package let weights: Double
  package let gradients: Double
  /// Master weights and optimizer states.
  package let optimizer: Double

  package static let zero = ModelState(weights: 0, gradients: 0, optimizer: 0)

  package var total: Double { weights + gradients + optimizer }

  package static func + (left: ModelState, right: ModelState) -> ModelState {
    ModelState(
      weights: left.weights + right.weights, gradients: left.gradients + right.gradients,
      optimizer: left.optimizer + right.optimizer)
  }
}

extension ParameterBytes {
  /// Of so many trained parameters on one of so many replicas.
  package func state(_ count: Int, replicas: Int) -> ModelState {
    let number = Double(count)
    return ModelState(
      weights: number * weights, gradients: number * gradients,
      optimizer: number * (master + states) / (isSharded ? Double(max(replicas, 1)) : 1))
  }
}
