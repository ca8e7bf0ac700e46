import Testing

@testable import Training

/// Adapters against the peft library on transformers' model.
@Suite struct AdapterTests {
  static let cases = ["lora_attention", "dora_attention", "lora_mlp", "dora_query_latent"]
  static let dropoutCases = ["lora_dropout_pre", "lora_dropout_post", "dora_dropout_pre"]

  private func engine(
    _ fixture: EngineFixture, threads: Int = 2, precision: StoragePrecision = .fp32, recompute: RecomputePolicy = .none
  ) throws -> TrainingEngine {
    let engine = try fixture.engine(threads: threads, precision: precision, recompute: recompute)
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

  @Test("twenty losses follow peft to 1e-4, the final adapters to 1e-3", arguments: cases + dropoutCases)
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
    #expect(plan.weights < 2 * engine.layout.storageCount + adapterBytes + 4 * engine.layout.gainCount + 64)
  }

  @Test("a frozen bf16 base computes what an fp32 base of the same values does", arguments: cases)
  func widens(name: String) throws {
    let fixture = try EngineFixture.load("adapter_\(name)")
    let half = try engine(fixture, precision: .bf16)
    let whole = try engine(fixture)
    for tensor in whole.layout.tensors where tensor.isTrainable {
      let rounded = try half.parameters.withTensor(tensor.name) { Array($0) }
      try rounded.withUnsafeBufferPointer { try whole.parameters.write(tensor.name, $0) }
    }
    let (from, to) = (try #require(half.adapters), try #require(whole.adapters))
    for tensor in from.tensors {
      let values = try from.withTensor(tensor.name) { Array($0) }
      try to.withTensor(tensor.name) { _ = $0.update(fromContentsOf: values) }
    }
    for step in 0..<3 {
      let batches = fixture.microBatches(step: step)
      let found = try half.step(batches, learningRate: 1e-2, weightDecay: 0.1).loss
      let expected = try whole.step(batches, learningRate: 1e-2, weightDecay: 0.1).loss
      #expect(abs(found - expected) < 1e-5 * expected)
    }
  }

  @Test("dropout does not depend on threads or recomputation, and ends with training", arguments: dropoutCases)
  func dropsTheSame(name: String) throws {
    var fixture = try EngineFixture.load("adapter_\(name)")
    fixture.targets? += (0..<4).map { "model.layers.1.mlp.experts.\($0).up_proj.weight" }
    let losses = { (engine: TrainingEngine) in
      try (0..<3).map { step in
        try engine.step(fixture.microBatches(step: step), learningRate: 1e-2, weightDecay: 0.1).loss
      }
    }
    let expected = try losses(engine(fixture, threads: 1))
    #expect(try losses(engine(fixture, threads: 1, recompute: RecomputePolicy(.full(layers: nil)))) == expected)
    #expect(zip(try losses(engine(fixture, threads: 3)), expected).allSatisfy { abs($0 - $1) < 1e-5 * $1 })
    let dropping = try engine(fixture)
    fixture.dropout = 0
    #expect(try dropping.evaluate(fixture.batch()) == engine(fixture).evaluate(fixture.batch()))
  }

  @Test(
    "gradients are the slopes of the loss, routed experts and dropout included",
    arguments: [("lora_mlp", 0.0, "pre"), ("lora_mlp", 0.4, "pre"), ("lora_mlp", 0.4, "post")])
  func slopes(name: String, dropout: Double, position: String) throws {
    var fixture = try EngineFixture.load("adapter_\(name)")
    fixture.dropout = dropout
    fixture.dropoutPosition = position
    let engine = try engine(fixture)
    let adapters = try #require(engine.adapters)
    let batches = fixture.microBatches(step: 0)
    let loss = { try engine.computeGradients(batches).loss }
    _ = try loss()
    let gradients = Dictionary(
      uniqueKeysWithValues: adapters.tensors.map { ($0.name, adapters.gradient($0)) })
    // One direction through all adapters at once: the slope along their gradient is its squared length.
    let move = { (factor: Float) in
      for tensor in adapters.tensors {
        try adapters.withTensor(tensor.name) { values in
          for (index, slope) in (gradients[tensor.name] ?? []).enumerated() { values[index] += factor * slope }
        }
      }
    }
    let squares = gradients.values.joined().reduce(0.0) { $0 + Double($1) * Double($1) }
    let size = Float(2e-3 / squares.squareRoot())
    try move(size)
    let above = try loss()
    try move(-2 * size)
    let below = try loss()
    let slope = Double(above - below) / Double(2 * size)
    #expect(abs(slope - squares) < 2e-2 * squares, "\(slope) and \(squares)")
  }

  @Test("A is drawn as lora_A_init_method says, B is zero", arguments: AdapterStart.allCases)
  func start(_ method: AdapterStart) throws {
    let fixture = try EngineFixture.load("adapter_lora_mlp")
    var settings = try fixture.engine().settings
    settings.adapters?.start = method
    let engine = try TrainingEngine(settings)
    engine.initialize(InitializationSettings(seed: 4))
    try engine.initializeAdapters(seed: 3)
    let adapters = try #require(engine.adapters)
    var (sum, expected) = (0.0, 0.0)
    for tensor in adapters.tensors {
      let values = try adapters.withTensor(tensor.name) { Array($0) }
      if tensor.name.contains("lora_B") { #expect(values.allSatisfy { $0 == 0 }) }
      guard tensor.name.contains("lora_A") else { continue }
      let (rank, columns) = (Double(tensor.shape[0]), Double(tensor.shape[1]))
      let variance =
        switch method {
        case .xavier: 2 / (rank + columns)
        case .normal: 0.04
        case .kaiming: 1 / (3 * columns)
        case .zero: 0.0
        }
      sum += values.reduce(0) { $0 + Double($1) * Double($1) }
      expected += Double(values.count) * variance
    }
    #expect(abs(sum - expected) <= 0.1 * expected, "\(sum) \(expected)")
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
    #expect(relativeError(try plain.logits(fixture.batch()), try adapted.logits(fixture.batch())) < 3e-6)
  }

  @Test(
    "a target that cannot be adapted is refused",
    arguments: ["model.norm.weight", "lm_head.weight", "model.embed_tokens.weight", "nowhere"])
  func refuses(target: String) throws {
    var fixture = try EngineFixture.load("adapter_lora_attention")
    fixture.targets = [target]
    #expect(throws: EngineError.self) { try fixture.engine() }
  }
}
