import Testing

@testable import Training

/// Micro-batches, which also stand for data-parallel replicas, and the balance rule that counts over all of them.
@Suite struct AccumulationTests {
  /// Two sequences of which the second counts only a third of its tokens.
  private func halves(_ fixture: EngineFixture) -> (joined: TokenBatch, parts: [TokenBatch]) {
    let batch = fixture.batch()
    let length = batch.length
    let mask = (0..<2 * length).map { Float($0 < length || $0 % 3 == 0 ? 1 : 0) }
    let parts = [0, 1].map { index in
      let range = index * length..<(index + 1) * length
      return TokenBatch(
        sequences: 1, length: length, tokens: Array(batch.tokens[range]), targets: Array(batch.targets[range]),
        lossMask: Array(mask[range]))
    }
    let joined = TokenBatch(
      sequences: 2, length: length, tokens: batch.tokens, targets: batch.targets, lossMask: mask)
    return (joined, parts)
  }

  private func engine(_ fixture: EngineFixture, perToken: Bool, biasUpdateRate: Float = 0) throws -> TrainingEngine {
    var settings = try fixture.engine().settings
    settings.calculatePerTokenLoss = perToken
    settings.biasUpdateRate = biasUpdateRate
    let engine = try TrainingEngine(settings)
    engine.initialize(InitializationSettings(seed: 4, initMethodStd: 0.3))
    return engine
  }

  @Test("with calculate_per_token_loss, micro-batches weigh as their tokens: the split does not matter")
  func perToken() throws {
    let fixture = try EngineFixture.load("plain")
    let (joined, parts) = halves(fixture)
    let (whole, split) = (try engine(fixture, perToken: true), try engine(fixture, perToken: true))
    let expected = try whole.computeGradients([joined]).loss
    #expect(abs(try split.computeGradients(parts).loss - expected) < 1e-6 * expected)
    for tensor in whole.layout.tensors where tensor.isTrainable {
      let error = relativeError(
        try split.parameters.gradient(tensor.name), try whole.parameters.gradient(tensor.name))
      #expect(error < 1e-4, "\(tensor.name)")
    }
  }

  @Test("without it, micro-batches weigh alike in the gradients")
  func perMicroBatch() throws {
    let fixture = try EngineFixture.load("plain")
    let (_, parts) = halves(fixture)
    let engine = try engine(fixture, perToken: false)
    let name = try #require(engine.layout.tensors.first { $0.isTrainable }).name
    let each = try parts.map { part in
      try engine.computeGradients([part])
      return try engine.parameters.gradient(name)
    }
    try engine.computeGradients(parts)
    let mean = zip(each[0], each[1]).map { ($0 + $1) / 2 }
    #expect(relativeError(try engine.parameters.gradient(name), mean) < 1e-5)
  }

  @Test("the loss that is reported is the mean over all tokens in either case", arguments: [true, false])
  func reportedLoss(perToken: Bool) throws {
    let fixture = try EngineFixture.load("plain")
    let (joined, parts) = halves(fixture)
    let engine = try engine(fixture, perToken: perToken)
    let expected = try engine.evaluate(joined)
    #expect(abs(try engine.computeGradients(parts).loss - expected) < 1e-6 * expected)
  }

  @Test("biases move by the update rate towards the experts with fewer tokens")
  func biasUpdate() throws {
    let fixture = try EngineFixture.load("plain")
    let engine = try engine(fixture, perToken: false, biasUpdateRate: 0.001)
    _ = try engine.step([fixture.batch()], learningRate: 0, weightDecay: 0)
    let loads = engine.model.expertLoads(layer: 1)
    let mean = Double(loads.reduce(0, +)) / Double(loads.count)
    let biases = try engine.parameters.withTensor("model.layers.1.mlp.gate.e_score_correction_bias") { Array($0) }
    let expected = loads.map { Float($0) == Float(mean) ? 0 : Double($0) < mean ? Float(0.001) : -0.001 }
    #expect(biases == expected)
    #expect(Set(loads).count > 1)
  }
}
