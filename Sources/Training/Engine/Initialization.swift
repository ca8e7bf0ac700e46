/// How new weights are drawn (Megatron's `init_method_std`).
package struct InitializationSettings: Sendable, Equatable {
  package var seed: UInt64
  package var initMethodStd: Float

  package init(seed: UInt64, initMethodStd: Float = 0.02) {
    self.seed = seed
    self.initMethodStd = initMethodStd
  }

  /// Gains are one and biases zero. Projections onto the residual stream are drawn narrower by sqrt(2 * layers)
  /// (Megatron's `scaled_init_method_normal`), so that the stream's variance does not grow with depth.
  func std(of kind: ParameterKind, layers: Int) -> Float {
    switch kind {
    case .embedding, .head, .router, .matrix(isOutput: false): initMethodStd
    case .matrix(isOutput: true): initMethodStd / Float(2 * layers).squareRoot()
    case .vector, .buffer: 0
    }
  }
}

extension TrainingEngine {
  /// Draws all parameters anew. Every tensor has a random stream of its own, seeded by its name, so its values depend
  /// neither on the order of drawing nor on the other tensors. bf16 weights have masters of the same values, as Megatron's.
  package func initialize(_ initialization: InitializationSettings) {
    let tensors = layout.tensors
    pool.run { thread in
      for index in stride(from: thread, to: tensors.count, by: pool.threads) {
        draw(tensors[index], initialization)
      }
    }
    parameters.weightsChanged()
  }

  private func draw(_ tensor: ParameterDescriptor, _ initialization: InitializationSettings) {
    guard let values = parameters.values(tensor) else { return }
    switch tensor.kind {
    case .buffer: values.update(repeating: 0, count: tensor.count)
    case .vector: values.update(repeating: 1, count: tensor.count)
    case .embedding, .head, .router, .matrix:
      let std = Double(initialization.std(of: tensor.kind, layers: settings.shape.numHiddenLayers))
      var stream = RandomStream(seed: initialization.seed, name: tensor.name)
      for index in stride(from: 0, to: tensor.count, by: 2) {
        let (first, second) = stream.normalPair()
        values[index] = Float(first * std)
        if index + 1 < tensor.count { values[index + 1] = Float(second * std) }
      }
    }
    if tensor.isTrainable {
      parameters.roundWeights(tensor.offset, tensor.count)
      parameters.roundMasters(tensor.offset, tensor.count)
    }
  }
}
