/// What replicas exchange of weights and gradients in a step, by what they share.
struct ReducedGradients {
  private let sharding: StateSharding
  private let isFSDP: Bool
  private let isFrozen: Bool

  init(_ parameters: ParameterBytes, isFrozen: Bool) {
    sharding = parameters.sharding
    isFSDP = parameters.sharding > .optimizer
    self.isFrozen = isFrozen
  }

  /// Bytes of a rank's weights and gradients where no replica shared them.
  func whole(_ state: ModelState, replicas: Int) -> (weights: Double, gradients: Double) {
    let number = Double(max(replicas, 1))
    return (
      state.weights * (sharding >= .everything ? number : 1),
      state.gradients * (sharding >= .optimizerAndGradients ? number : 1)
    )
  }

  /// Bytes each time: gradients are scattered and new weights gathered; without a distributed optimizer, gradients are
  /// gathered instead. Sharded weights are gathered for the forward and again for the backward pass, frozen ones too.
  func bytes(_ state: ModelState, replicas: Int) -> Double {
    let (weights, gradients) = whole(state, replicas: replicas)
    let gathers = sharding >= .everything ? 2 * weights : 0
    guard !isFrozen else { return gathers }
    switch sharding {
    case .nothing: return 2 * gradients
    case .optimizer, .optimizerAndGradients: return gradients + weights
    case .everything: return gradients + gathers
    }
  }

  /// How many times a step: sharded gradients leave a rank with every micro-batch. (Weights that are not sharded are
  /// gathered once; counted as often, they hide all the same.)
  func timesAStep(numMicrobatches: Int) -> Double { isFSDP ? Double(numMicrobatches) : 1 }
}
