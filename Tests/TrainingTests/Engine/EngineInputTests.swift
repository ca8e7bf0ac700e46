import Testing

@testable import Training

/// Nothing a caller passes can make the engine read or write outside its arrays.
@Suite struct EngineInputTests {
  static let batches: [(String, TokenBatch)] = [
    ("a token beyond the vocabulary", TokenBatch(sequences: 1, length: 2, tokens: [0, 64], targets: [1, 1])),
    ("a negative target", TokenBatch(sequences: 1, length: 2, tokens: [0, 1], targets: [1, -1])),
    ("too few tokens", TokenBatch(sequences: 1, length: 2, tokens: [0], targets: [1, 1])),
    ("no tokens", TokenBatch(sequences: 0, length: 0, tokens: [], targets: [])),
    (
      "longer than the engine is set up for",
      TokenBatch(
        sequences: 1, length: 13, tokens: Array(repeating: 0, count: 13), targets: Array(repeating: 0, count: 13))
    ),
    ("an infinite length", TokenBatch(sequences: Int.max, length: 2, tokens: [0, 1], targets: [1, 1])),
    ("a NaN in the mask", TokenBatch(sequences: 1, length: 2, tokens: [0, 1], targets: [1, 1], lossMask: [1, .nan])),
    (
      "segments that do not fill",
      TokenBatch(sequences: 1, length: 2, tokens: [0, 1], targets: [1, 1], segmentLengths: [[1]])
    ),
    (
      "segments that overflow",
      TokenBatch(sequences: 1, length: 2, tokens: [0, 1], targets: [1, 1], segmentLengths: [[Int.max, Int.max, 4]])
    ),
    (
      "an empty segment",
      TokenBatch(sequences: 1, length: 2, tokens: [0, 1], targets: [1, 1], segmentLengths: [[0, 2]])
    ),
  ]

  @Test("a batch is refused", arguments: batches)
  func refusesBatch(reason: String, batch: TokenBatch) throws {
    let engine = try EngineFixture.load("curve_adamw").engine()
    #expect(throws: EngineError.self) { try engine.step([batch], learningRate: 1e-3, weightDecay: 0) }
    #expect(throws: EngineError.self) { try engine.evaluate(batch) }
  }

  @Test("a step without micro-batches is refused")
  func refusesNothing() throws {
    let engine = try EngineFixture.load("curve_adamw").engine()
    #expect(throws: EngineError.self) { try engine.step([], learningRate: 1e-3, weightDecay: 0) }
  }

  @Test("a batch whose mask counts nothing has loss and gradients of zero")
  func masksEverything() throws {
    let fixture = try EngineFixture.load("curve_adamw")
    let batch = fixture.batch()
    let masked = TokenBatch(
      sequences: batch.sequences, length: batch.length, tokens: batch.tokens, targets: batch.targets,
      lossMask: Array(repeating: 0, count: batch.tokens.count))
    let report = try fixture.engine().step([masked], learningRate: 1e-3, weightDecay: 0)
    #expect(report.loss == 0 && report.gradientNorm == 0)
  }

  @Test("NaN weights give a norm that is not finite, and no update")
  func leavesOutUpdate() throws {
    let fixture = try EngineFixture.load("curve_adamw")
    let engine = try fixture.engine()
    let gain = Array(repeating: Float.nan, count: 32)
    try gain.withUnsafeBufferPointer { try engine.parameters.write("model.layers.0.input_layernorm.weight", $0) }
    let before = try engine.parameters.withTensor("lm_head.weight") { Array($0) }
    let report = try engine.step([fixture.batch()], learningRate: 1e-3, weightDecay: 0)
    #expect(!report.gradientNorm.isFinite)
    #expect(try engine.parameters.withTensor("lm_head.weight") { Array($0) } == before)
  }

  static let shapes: [(String, @Sendable (inout ModelShape) -> Void)] = [
    ("no layers", { $0.numHiddenLayers = 0 }),
    ("a million layers", { $0.numHiddenLayers = 1 << 20 }),
    ("a negative width", { $0.hiddenSize = -1 }),
    ("an odd rope dimension", { $0.qkRopeHeadDim = 7 }),
    ("more experts a token than there are", { $0.numExpertsPerTok = 9 }),
    ("groups that do not divide", { $0.nGroup = 3 }),
    (
      "more parameters than can be counted",
      {
        $0.vocabSize = 1 << 26
        $0.hiddenSize = 1 << 26
        $0.numHiddenLayers = 1 << 9
        $0.moeIntermediateSize = 1 << 26
      }
    ),
    ("a vocabulary beyond memory", { $0.vocabSize = Int.max }),
    (
      "heads that overflow a row",
      {
        $0.numAttentionHeads = 1 << 26
        $0.vHeadDim = 1 << 26
      }
    ),
    ("a NaN epsilon", { $0.rmsNormEps = .nan }),
  ]

  @Test("a shape is refused", arguments: shapes)
  func refusesShape(reason: String, change: @Sendable (inout ModelShape) -> Void) throws {
    var shape = try EngineFixture.load("plain").shape
    change(&shape)
    #expect(throws: ModelShapeError.self) { try ParameterLayout(shape: shape) }
  }
}
