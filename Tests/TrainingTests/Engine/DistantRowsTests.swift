import Testing

@testable import Training

/// Rows of logits, of gate and up, and of router and shared experts that would lie whole pages apart, and so have a distance.
@Suite struct DistantRowsTests {
  private let shape: ModelShape
  private static let length = 12

  init() throws {
    var shape = try EngineFixture.load("plain").shape
    (shape.vocabSize, shape.intermediateSize) = (1024, 512)
    (shape.nRoutedExperts, shape.nSharedExperts, shape.moeIntermediateSize) = (24, 1, 500)
    self.shape = shape
  }

  private func engine(recompute: RecomputePolicy = .none) throws -> TrainingEngine {
    let engine = try TrainingEngine(
      EngineSettings(
        shape: shape, capacity: BatchCapacity(sequences: 1, length: Self.length),
        optimizer: OptimizerSettings(.adam(AdamSettings())), recompute: recompute, threads: 2))
    engine.initialize(InitializationSettings(seed: 4, initMethodStd: 0.3))
    return engine
  }

  private var batch: TokenBatch {
    let tokens = (0..<Self.length).map { Int32(($0 * 389 + 7) % shape.vocabSize) }
    return TokenBatch(sequences: 1, length: Self.length, tokens: tokens, targets: tokens.reversed())
  }

  @Test("the shape has such rows")
  func distance() {
    let joined = shape.nRoutedExperts + 2 * shape.sharedIntermediateSize
    for outputs in [shape.vocabSize, 2 * shape.intermediateSize, joined] {
      #expect(outputs == 1024)
      #expect(Linear.distance(outputs: outputs) > outputs)
      #expect(Linear.distance(outputs: outputs - 1) == outputs - 1)
    }
  }

  @Test("logits are those of the decoder, which has one row at a time")
  func logits() throws {
    let (engine, batch) = (try engine(), batch)
    let decoder = try TokenDecoder(store: engine.parameters, length: Self.length, pool: engine.pool)
    let expected = try batch.tokens.enumerated().flatMap { Array(try decoder.decode($1, at: $0)) }
    #expect(relativeError(try engine.logits(batch), expected) < 1e-5)
  }

  @Test(
    "a tensor's gradient is the slope of the loss",
    arguments: [RecomputePolicy.none, RecomputePolicy(.full(layers: nil))])
  func gradients(recompute: RecomputePolicy) throws {
    let (engine, batch) = (try engine(recompute: recompute), batch)
    try engine.computeGradients([batch])
    for tensor in engine.layout.tensors where tensor.isTrainable {
      let gradient = try engine.parameters.gradient(tensor.name)
      let values = try engine.parameters.withTensor(tensor.name) { Array($0) }
      let square = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
      guard square > 0 else { continue }
      /// The loss that much along the gradient, which to first order grows by `rise`.
      func loss(after rise: Double) throws -> Double {
        let moved = zip(values, gradient).map { Float(Double($0) + rise / square * Double($1)) }
        try moved.withUnsafeBufferPointer { try engine.parameters.write(tensor.name, $0) }
        return Double(try engine.evaluate(batch))
      }
      let rise = 1e-3
      let slope = try (loss(after: rise) - loss(after: -rise)) / (2 * rise)
      try values.withUnsafeBufferPointer { try engine.parameters.write(tensor.name, $0) }
      #expect(abs(slope - 1) < 0.02, "\(tensor.name): \(slope)")
    }
  }
}
