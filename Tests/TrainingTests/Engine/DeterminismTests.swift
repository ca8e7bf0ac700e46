import Testing

@testable import Training

/// The same settings give the same bits; other thread counts the same numbers to 1e-5.
@Suite struct DeterminismTests {
  private func losses(threads: Int, name: String = "curve_muon") throws -> [Float] {
    let fixture = try EngineFixture.load(name)
    let engine = try fixture.engine(threads: threads)
    return try (0..<8).map {
      try engine.step(fixture.microBatches(step: $0), learningRate: 3e-3, weightDecay: 0.1).loss
    }
  }

  @Test("two runs agree bit for bit", arguments: [1, 2, 3])
  func repeatable(threads: Int) throws {
    #expect(try losses(threads: threads) == losses(threads: threads))
  }

  @Test("losses do not depend on the number of threads", arguments: [2, 3, 5])
  func threadCount(threads: Int) throws {
    let (one, many) = (try losses(threads: 1), try losses(threads: threads))
    #expect(zip(one, many).allSatisfy { abs($0 - $1) < 1e-5 * $0 })
  }

  /// Two that every token chose, of which four threads get pieces, and one that none did.
  @Test(
    "experts that are cut among threads have the gradients of whole ones", arguments: [StoragePrecision.fp32, .bf16])
  func cutExperts(precision: StoragePrecision) throws {
    let shape = ModelShape(
      vocabSize: 32, hiddenSize: 16, intermediateSize: 24, moeIntermediateSize: 8, numHiddenLayers: 2,
      numAttentionHeads: 2, nSharedExperts: 1, nRoutedExperts: 3, numExpertsPerTok: 2, routedScalingFactor: 1,
      firstKDenseReplace: 1, kvLoraRank: 8, qkNopeHeadDim: 8, qkRopeHeadDim: 4, vHeadDim: 8, ropeTheta: 10_000,
      maxPositionEmbeddings: 64, rmsNormEps: 1e-5)
    func engine(threads: Int) throws -> TrainingEngine {
      let engine = try TrainingEngine(
        EngineSettings(
          shape: shape, capacity: BatchCapacity(sequences: 12, length: 50),
          optimizer: OptimizerSettings(.adam(AdamSettings())),
          precision: precision, products: precision.weights == .bf16 ? .bf16 : .fp32, threads: threads))
      engine.initialize(InitializationSettings(seed: 2, initMethodStd: 0.3))
      try [Float(1), 1, -9].withUnsafeBufferPointer {
        try engine.parameters.write("model.layers.1.mlp.gate.e_score_correction_bias", $0)
      }
      return engine
    }
    let tokens = (0..<601).map { Int32($0 * 7 % 31) }
    let batch = TokenBatch(
      sequences: 12, length: 50, tokens: Array(tokens.dropLast()), targets: Array(tokens.dropFirst()))
    let (whole, cut) = (try engine(threads: 1), try engine(threads: 4))
    // Twice: gradients are written, then added to.
    let expected = try whole.computeGradients([batch, batch]).loss
    // The BLAS sums fewer rows in another order, after which an operand may round the other way.
    let tolerance: Float = precision == .fp32 ? 1e-5 : 1e-3
    #expect(abs(try cut.computeGradients([batch, batch]).loss - expected) < tolerance * expected)
    for tensor in whole.layout.tensors where tensor.isTrainable {
      let error = relativeError(
        try cut.parameters.gradient(tensor.name), try whole.parameters.gradient(tensor.name))
      #expect(error < 30 * tolerance, "\(tensor.name)")
    }
  }

  @Test("initial weights depend on seed and name alone")
  func initialization() throws {
    let fixture = try EngineFixture.load("plain")
    func weights(seed: UInt64, threads: Int) throws -> [Float] {
      let engine = try fixture.engine(threads: threads)
      engine.initialize(InitializationSettings(seed: seed))
      return try engine.parameters.withTensor("model.layers.1.mlp.experts.3.up_proj.weight") { Array($0) }
    }
    #expect(try weights(seed: 5, threads: 1) == weights(seed: 5, threads: 3))
    #expect(try weights(seed: 5, threads: 1) != weights(seed: 6, threads: 1))
  }

  @Test("output projections are drawn narrower by sqrt(2 * layers)")
  func scaledInitialization() {
    let settings = InitializationSettings(seed: 1, initMethodStd: 0.02)
    #expect(settings.std(of: .matrix(isOutput: false), layers: 8) == 0.02)
    #expect(settings.std(of: .matrix(isOutput: true), layers: 8) == 0.005)
  }
}
