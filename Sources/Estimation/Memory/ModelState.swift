/// Bytes of parameters and of what training keeps beside them.
package struct ModelState: Hashable, Sendable {
  package let weights: Double
  package let gradients: Double
  /// Master weights and optimizer states on the GPU.
  package let optimizer: Double
  /// Copies of the gradients that the optimizer steps on; gone while the next step's activations are there.
  package let gradientCopies: Double
  /// In host memory: offloaded master weights and optimizer states, with their copies of the gradients.
  package let host: Double

  package static let zero = ModelState(weights: 0, gradients: 0, optimizer: 0)

  package init(weights: Double, gradients: Double, optimizer: Double, gradientCopies: Double = 0, host: Double = 0) {
    self.weights = weights
    self.gradients = gradients
    self.optimizer = optimizer
    self.gradientCopies = gradientCopies
    self.host = host
  }

  /// On the GPU, all through a step.
  package var total: Double { weights + gradients + optimizer }

  package static func + (left: ModelState, right: ModelState) -> ModelState {
    ModelState(
      weights: left.weights + right.weights, gradients: left.gradients + right.gradients,
      optimizer: left.optimizer + right.optimizer,
      gradientCopies: left.gradientCopies + right.gradientCopies, host: left.host + right.host)
  }
}

extension ModelState {
  package static func * (count: Int, each: ModelState) -> ModelState {
    let number = Double(count)
    return ModelState(
      weights: number * each.weights, gradients: number * each.gradients, optimizer: number * each.optimizer,
      gradientCopies: number * each.gradientCopies, host: number * each.host)
  }
}

extension ParameterBytes {
  /// Of so many trained parameters on one of so many replicas.
  package func state(_ count: Int, replicas: Int) -> ModelState {
    let number = Double(count)
    let share = 1 / Double(max(replicas, 1))
    let ofOptimizer = number * (sharding >= .optimizer ? share : 1)
    return ModelState(
      weights: number * weights * (sharding >= .everything ? share : 1),
      gradients: number * gradients * (sharding >= .optimizerAndGradients ? share : 1),
      optimizer: ofOptimizer * (master + states) * (1 - offloadedShare),
      gradientCopies: ofOptimizer * gradientCopy * (1 - offloadedShare), host: ofOptimizer * host * offloadedShare)
  }

  /// Of so many frozen parameters: weights alone.
  package func frozenState(_ count: Int, replicas: Int) -> ModelState {
    let share = sharding >= .everything ? 1 / Double(max(replicas, 1)) : 1
    return ModelState(weights: Double(count) * weights * share, gradients: 0, optimizer: 0)
  }

  /// What of one layer, whole, stands beside the shards at a time while it is computed: weights and gradients that
  /// Megatron-FSDP gathers and reduces by the layer.
  package func gathered(_ count: Int, isFrozen: Bool) -> Double {
    let ofGradients = sharding >= .optimizerAndGradients && !isFrozen ? gradients : 0
    return Double(count) * ((sharding >= .everything ? weights : 0) + ofGradients)
  }
}
