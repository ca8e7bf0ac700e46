import Testing

@testable import Training

/// Adapters against the peft library on transformers' model.
@Suite struct AdapterTests {
  static let cases = ["lora_attention", "dora_attention", "lora_mlp", "dora_query_latent"]

  private func engine(_ fixture: EngineFixture, precision: StoragePrecision = .fp32) throws -> TrainingEngine {
    let engine = try fixture.engine(threads: 2, precision: precision)
    try engine.initializeAdapters(seed: 1)
    let adapters = try #require(engine.adapters)
    for tensor in adapters.tensors where tensor.shape.count == 2 {
      var stream = ReferenceStream(name: tensor.name, seed: fixture.seed)
      let scale = tensor.name.contains("lora_A") ? 1 / Double(tensor.shape[1]).squareRoot() : 0.1
      try adapters.withTensor(tensor.name) { values in
        for index in values.indices { values[index] = Float(stream.uniform() * scale) }
      }
    }
    return engine
  }

  @Test("twenty losses follow peft to 1e-4, the final adapters to 1e-3", arguments: cases)
  func follows(name: String) throws {
    let fixture = try EngineFixture.load("adapter_\(name)")
    let expected = try #require(fixture.losses)
    let engine = try engine(fixture)
    let found = try expected.indices.map { step in
      try engine.step(fixture.microBatches(step: step), learningRate: 1e-2, weightDecay: 0.1).loss
    }
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 * $1 }, "\(found)")
    let final = try fixture.arrays("adapter_\(name)")
    let adapters = try #require(engine.adapters)
    #expect(Set(adapters.tensors.map(\.name)) == Set(final.keys))
    for (tensor, values) in final {
      let error = relativeError(try adapters.withTensor(tensor) { Array($0) }, values)
      #expect(error < 1e-3, "\(tensor)")
    }
  }

  @Test("the base stays as it is, and has no gradients, masters or moments")
  func freezesBase() throws {
    let fixture = try EngineFixture.load("adapter_lora_mlp")
    let engine = try engine(fixture, precision: .bf16)
    let before = try engine.layout.tensors.map { try engine.parameters.withTensor($0.name) { Array($0) } }
    _ = try engine.step(fixture.microBatches(step: 0), learningRate: 1e-2, weightDecay: 0.1)
    let after = try engine.layout.tensors.map { try engine.parameters.withTensor($0.name) { Array($0) } }
    #expect(before == after)
    let plan = try MemoryPlan(engine.settings)
    let adapterBytes = try #require(engine.adapters).tensors.reduce(0) { $0 + $1.count * 4 }
    #expect(plan.masterWeights == 0)
    #expect(plan.gradients == adapterBytes && plan.optimizerStates == 2 * adapterBytes)
    #expect(plan.weights < 2 * engine.layout.storageCount + adapterBytes + 64)
  }

  @Test("a fresh adapter changes nothing", arguments: ["lora_attention", "dora_attention"])
  func startsNeutral(name: String) throws {
    var fixture = try EngineFixture.load("adapter_\(name)")
    let adapted = try fixture.engine()
    try adapted.initializeAdapters(seed: 3)
    let found = try adapted.logits(fixture.batch())
    fixture.targets = nil
    #expect(relativeError(found, try fixture.engine().logits(fixture.batch())) < 1e-5)
  }

  @Test("merged weights in a plain model give the adapted model's logits", arguments: cases)
  func merges(name: String) throws {
    var fixture = try EngineFixture.load("adapter_\(name)")
    let adapted = try engine(fixture)
    fixture.targets = nil
    let plain = try fixture.engine()
    for tensor in plain.layout.tensors {
      try adapted.parameters.mergedValues(tensor.name).withUnsafeBufferPointer {
        try plain.parameters.write(tensor.name, $0)
      }
    }
    #expect(relativeError(try plain.logits(fixture.batch()), try adapted.logits(fixture.batch())) < 1e-6)
  }

  @Test(
    "a target that cannot be adapted is refused",
    arguments: ["model.norm.weight", "lm_head.weight", "model.layers.1.mlp.gate.weight", "nowhere"])
  func refuses(target: String) throws {
    var fixture = try EngineFixture.load("adapter_lora_attention")
    fixture.targets = [target]
    #expect(throws: EngineError.self) { try fixture.engine() }
  }
}
