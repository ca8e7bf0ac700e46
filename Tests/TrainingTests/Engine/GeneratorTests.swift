import Testing

@testable import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct GeneratorTests {
  /// The last position's logits of a full forward pass.
  private func fullLogits(_ engine: TrainingEngine, _ tokens: [Int32]) throws -> [Float] {
    let batch = TokenBatch(sequences: 1, length: tokens.count, tokens: tokens, targets: tokens)
    return Array(try engine.logits(batch).suffix(engine.settings.shape.vocabSize))
  }

  @Test(
    "token by token the logits are those of a full pass", arguments: ["long", "query_latent", "yarn", "tied"],
    [1, 2, 5])
  func cache(name: String, threads: Int) throws {
    let fixture = try EngineFixture.load(name)
    let engine = try fixture.engine(threads: threads)
    let prompt = Array(fixture.batch().tokens.prefix(fixture.length))
    let decoder = try TokenDecoder(store: engine.parameters, length: prompt.count, pool: engine.pool)
    let model = try DecoderModel(
      store: engine.parameters, capacity: BatchCapacity(sequences: 1, length: prompt.count), recompute: .none,
      pool: engine.pool)
    let start = prompt.count - 5
    // To rounding: a debug build multiplies by the BLAS, whose sums can depend on the number of rows.
    let filled = Array(try model.prefill(Array(prompt[..<start]), decoder.cache))
    #expect(relativeError(filled, try fullLogits(engine, Array(prompt[..<start]))) < 1e-5)
    for position in start..<prompt.count {
      let found = Array(try decoder.decode(prompt[position], at: position))
      let expected = try fullLogits(engine, Array(prompt[...position]))
      #expect(relativeError(found, expected) < 1e-5)
    }
  }

  @Test("a text is continued alike whatever it is split into, and on any number of threads")
  func threads() throws {
    let fixture = try EngineFixture.load("long")
    let prompt = Array(fixture.batch().tokens.prefix(6))
    let logits = try [1, 2, 3].map { threads in
      let engine = try fixture.engine(threads: threads)
      let decoder = try TokenDecoder(store: engine.parameters, length: prompt.count, pool: engine.pool)
      return try prompt.indices.map { Array(try decoder.decode(prompt[$0], at: $0)) }
    }
    #expect(logits[0] == logits[1])
    #expect(logits[0] == logits[2])
  }

  @Test(
    "weights held once give the logits of trained ones", arguments: ["long", "tied"], [StoragePrecision.fp32, .bf16])
  func frozen(name: String, precision: StoragePrecision) throws {
    let fixture = try EngineFixture.load(name)
    let engine = try fixture.engine(precision: precision)
    let held = try ParameterStore(layout: engine.layout, precision: precision, isFrozen: true, pool: engine.pool)
    for tensor in engine.layout.tensors {
      try engine.parameters.withTensor(tensor.name) { try held.write(tensor.name, $0) }
    }
    #expect(held.master.count == (precision.weights == .bf16 ? 0 : engine.layout.storageCount))
    let prompt = Array(fixture.batch().tokens.prefix(fixture.length))
    let cache = try LatentCache(shape: engine.layout.shape, length: prompt.count)
    let logits = try [engine.parameters, held].map { store in
      let model = try DecoderModel(
        store: store, capacity: BatchCapacity(sequences: 1, length: prompt.count), recompute: .none, pool: engine.pool)
      return Array(try model.prefill(prompt, cache))
    }
    #expect(relativeError(logits[1], logits[0]) < 1e-6)
    let decoder = try TokenDecoder(store: held, length: prompt.count, pool: engine.pool)
    var last: [Float] = []
    for (position, token) in prompt.enumerated() { last = Array(try decoder.decode(token, at: position)) }
    #expect(relativeError(last, logits[0]) < 1e-5)
  }

  @Test("greedy generation repeats what was learned")
  func learns() throws {
    let fixture = try EngineFixture.load("curve_adamw")
    let engine = try fixture.engine()
    let cycle = (0..<fixture.length).map { Int32($0 % 6 + 10) }
    let batch = TokenBatch(
      sequences: 1, length: cycle.count, tokens: cycle, targets: cycle.map { $0 == 15 ? 10 : $0 + 1 })
    for _ in 0..<60 { _ = try engine.step([batch], learningRate: 3e-3, weightDecay: 0) }
    let generator = try Generator(engine, maxLength: 16)
    let found = try generator.generate([10, 11, 12], count: 6, sampling: SamplingSettings())
    #expect(found == [13, 14, 15, 10, 11, 12])
  }

  @Test("sampling is repeatable by seed, and stops at the maximum length")
  func sampling() throws {
    let engine = try EngineFixture.load("curve_adamw").engine()
    let generator = try Generator(engine, maxLength: 12)
    func sample(_ seed: UInt64) throws -> [Int32] {
      try generator.generate([1, 2], count: 100, sampling: SamplingSettings(temperature: 1, topK: 20, seed: seed))
    }
    #expect(try sample(1) == sample(1))
    #expect(try sample(1) != sample(2))
    #expect(try sample(1).count == 11)
  }

  @Test(
    "only the likeliest tokens are drawn, by number and by probability",
    arguments: [
      // Of probabilities 0.1, 0.4, 0.3, 0.2.
      (SamplingSettings(temperature: 1, topK: 2), [1, 2]), (SamplingSettings(temperature: 1, topP: 0.4), [1]),
      (SamplingSettings(temperature: 1, topP: 0.65), [1, 2]), (SamplingSettings(temperature: 1, topP: 0.9), [1, 2, 3]),
      (SamplingSettings(temperature: 1, topK: 3, topP: 0.5), [1, 2]), (SamplingSettings(temperature: 1), [0, 1, 2, 3]),
      (SamplingSettings(), [1]),
    ] as [(SamplingSettings, [Int32])])
  func restricts(sampling: SamplingSettings, tokens: [Int32]) {
    let logits: [Float] = [0.1, 0.4, 0.3, 0.2].map { logf($0) }
    var sampler = TokenSampler(sampling, vocabSize: logits.count)
    let drawn = logits.withUnsafeBufferPointer { logits in (0..<300).map { _ in sampler.choose(logits) } }
    #expect(Set(drawn).sorted() == tokens)
  }

  @Test("a prompt that cannot be continued is refused", arguments: [[], [64], [-1], Array(repeating: 0, count: 13)])
  func refuses(prompt: [Int32]) throws {
    let generator = try Generator(try EngineFixture.load("curve_adamw").engine(), maxLength: 12)
    #expect(throws: EngineError.self) { try generator.generate(prompt, count: 1, sampling: SamplingSettings()) }
  }
}
