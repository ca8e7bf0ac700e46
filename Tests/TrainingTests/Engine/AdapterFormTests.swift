import Foundation
import Testing

@testable import Training

/// Adapters that peft saved on transformers 4 and on 5, against what peft computes with them.
@Suite("Forms of adapters") struct AdapterFormTests {
  static let root = fixture("adapters/forms")
  static let names = [
    "rslora", "patterns", "pissa", "olora", "pissa-dora", "expression", "mlp-4", "mlp-5", "fused-parameters",
    "fused-down",
  ]

  private struct Expected: Decodable {
    /// [step][tokens of the sequence, and one]
    let tokens: [[Int32]]
    /// [position, vocabulary], flat, of the first step's sequence
    let logits: [Float]
    let losses: [Float]

    init(_ name: String) throws {
      self = try JSONDecoder().decode(
        Expected.self, from: Data(try fixtureBytes("adapters/forms/\(name)/expected.json")))
    }

    func batch(_ step: Int) -> TokenBatch {
      TokenBatch(
        sequences: 1, length: 8, tokens: Array(tokens[step].dropLast()), targets: Array(tokens[step].dropFirst()))
    }
  }

  private static func layout() throws -> ParameterLayout {
    try ParameterLayout(shape: ModelShape(try HuggingFaceConfig(file: "\(root)/base/config.json")))
  }

  private func engine(_ settings: AdapterSettings?, base: String = "base") throws -> TrainingEngine {
    let layout = try Self.layout()
    let engine = try TrainingEngine(
      EngineSettings(
        shape: layout.shape, capacity: BatchCapacity(sequences: 1, length: 8),
        optimizer: OptimizerSettings(.adam(AdamSettings()), clipGrad: 1), threads: 2, adapters: settings))
    try engine.parameters.load(try StoredWeights(directory: "\(Self.root)/\(base)"))
    return engine
  }

  /// A run's settings of the same matrices.
  private func run(like adapter: AdapterWeights) -> AdapterSettings {
    AdapterSettings(
      dim: adapter.config.rank, alpha: adapter.config.alpha, useDora: adapter.config.useDora,
      targets: adapter.targets.flatMap(\.matrices))
  }

  private func distance(_ found: [Float], _ expected: [Float]) -> Float {
    zip(found, expected).map { abs($0 - $1) }.max().map { $0 / (expected.map(abs).max() ?? 1) } ?? .infinity
  }

  @Test("merged into the base they give peft's logits to 1e-5", arguments: names)
  func merges(name: String) throws {
    let expected = try Expected(name)
    for base in ["base", "base-fused"] {
      let engine = try engine(nil, base: base)
      let adapter = try AdapterWeights(folder: "\(Self.root)/\(name)", layout: engine.layout)
      for tensor in engine.layout.tensors {
        var values = try engine.parameters.withTensor(tensor.name) { Array($0) }
        try values.withUnsafeMutableBufferPointer { try adapter.merge(into: $0, of: tensor.name, shape: tensor.shape) }
        try values.withUnsafeBufferPointer { try engine.parameters.write(tensor.name, $0) }
      }
      #expect(distance(try engine.logits(expected.batch(0)), expected.logits) < 1e-5, "\(base)")
    }
  }

  @Test("trained further they give peft's losses to 1e-4, twenty steps long", arguments: names)
  func trains(name: String) throws {
    let expected = try Expected(name)
    let adapter = try AdapterWeights(folder: "\(Self.root)/\(name)", layout: try Self.layout())
    let engine = try engine(try adapter.settings(for: run(like: adapter)))
    try engine.parameters.takeInitialAdapters()
    try engine.adapters?.load(adapter)
    let found = try expected.losses.indices.map {
      try engine.step([expected.batch($0)], learningRate: 1e-2, weightDecay: 0.1).loss
    }
    #expect(found.count == 20)
    #expect(zip(found, expected.losses).allSatisfy { abs($0 - $1) < 1e-4 * $1 }, "\(found)")
  }

  @Test("fused weights are the same model as those of single experts")
  func readsFusedWeights() throws {
    let (single, fused) = (try engine(nil), try engine(nil, base: "base-fused"))
    #expect(try StoredWeights(directory: "\(Self.root)/base-fused").isFused)
    for tensor in single.layout.tensors {
      let values = try single.parameters.withTensor(tensor.name) { Array($0) }
      #expect(try fused.parameters.withTensor(tensor.name) { Array($0) } == values, "\(tensor.name)")
    }
  }

  // MARK: Writing

  private static let formats: [(String, AdapterFormat)] = [
    ("rslora", .common), ("patterns", .common), ("pissa", .common), ("mlp-4", .common), ("mlp-4", .transformers4),
    ("mlp-4", .transformers5), ("mlp-5", .common), ("mlp-5", .transformers4), ("fused-parameters", .transformers5),
    ("fused-parameters", .transformers4), ("fused-down", .common), ("fused-down", .transformers4),
  ]

  @Test("written in another form they fold into the same weights, and are trained on as they were", arguments: formats)
  func converts(name: String, format: AdapterFormat) throws {
    let layout = try Self.layout()
    let adapter = try AdapterWeights(folder: "\(Self.root)/\(name)", layout: layout)
    let settings = try adapter.settings(for: run(like: adapter))
    let folder = try TemporaryFolder()
    try AdapterFiles(settings, layout, as: format, base: nil, adapter).write(to: folder.path)
    let written = try AdapterWeights(folder: folder.path, layout: layout)
    for tensor in layout.tensors where adapter.adapts(tensor.name) {
      var (before, after) = ([Float](repeating: 0.5, count: tensor.count), [Float](repeating: 0.5, count: tensor.count))
      try before.withUnsafeMutableBufferPointer { try adapter.merge(into: $0, of: tensor.name, shape: tensor.shape) }
      try after.withUnsafeMutableBufferPointer { try written.merge(into: $0, of: tensor.name, shape: tensor.shape) }
      #expect(distance(after, before) < 1e-6, "\(tensor.name)")
    }
    // A run that goes on has the same factors.
    let isJoined = settings.targets.contains(where: \.isJoined)
    let again = try written.settings(for: run(like: written), joined: isJoined)
    #expect(Set(again.targets) == Set(settings.targets))
    for target in settings.targets {
      let (found, stored) = (try written.factors(of: target), try adapter.factors(of: target))
      #expect(found.a == stored.a && found.b == stored.b, "\(target.module)")
    }
  }

  @Test("adapters of the routed experts are written by default so that peft reads them on both generations")
  func writesCommonForm() throws {
    let layout = try Self.layout()
    let adapter = try AdapterWeights(folder: "\(Self.root)/mlp-4", layout: layout)
    let files = try AdapterFiles(
      try adapter.settings(for: run(like: adapter)), layout, as: .common, base: nil, adapter)
    #expect(files.limitation == nil)
    #expect(
      files.config.targetModules
        == .list((0..<4).flatMap { expert in ["down", "gate", "up"].map { "experts.\(expert).\($0)_proj" } }))
    let dense = ["down", "gate", "up"].flatMap { ["mlp.\($0)_proj.weight", "mlp.shared_experts.\($0)_proj.weight"] }
    #expect(files.config.targetParameters.sorted() == dense.sorted())
  }

  @Test("where there is no such form, the reason is said")
  func saysWhyThereIsNone() throws {
    let layout = try Self.layout()
    let mlp = layout.tensors.filter { $0.name.hasSuffix("proj.weight") && $0.name.contains(".mlp.") }.map(\.name)
    var dora = AdapterSettings(dim: 2, alpha: 4, useDora: true, targets: mlp)
    let store = try AdapterStore(dora, layout: layout)
    let limitation = try AdapterFiles(dora, layout, as: .common, base: nil, store).limitation
    #expect(limitation?.generation == 5 && limitation?.reason.contains("DoRA") == true)
    #expect(
      message { _ = try AdapterFiles(dora, layout, as: .transformers5, base: nil, store) }?.contains("DoRA") == true)
    dora.useDora = false
    dora.targets.removeAll { $0.name.contains("experts.3.up_proj") }
    let some = try AdapterFiles(dora, layout, as: .common, base: nil, store).limitation
    #expect(some?.reason == "only some of the routed experts' gate_proj and up_proj are adapted")
  }

  // MARK: What is refused

  private static let changes: [(key: String, value: String, problem: String)] = [
    ("init_lora_weights", "\"pissa_niter_4\"", "depends on random numbers"),
    ("init_lora_weights", "\"corda\"", "covariances"), ("init_lora_weights", "\"loftq\"", "quantized"),
    ("init_lora_weights", "\"lora_ga\"", "gradients"), ("init_lora_weights", "\"next\"", "is not known here"),
    ("modules_to_save", "[\"lm_head\"]", "modules_to_save"),
    ("alora_invocation_tokens", "[1]", "alora_invocation_tokens"),
    ("use_qalora", "true", "use_qalora"), ("layer_replication", "[[0, 1]]", "layer_replication"),
    ("of_tomorrow", "3", "of_tomorrow: is not known here"), ("bias", "\"all\"", "bias"),
    ("target_modules", "[\"q_proj\"]", "belongs to nothing that adapter_config.json adapts"),
    ("target_modules", "[\"q_proj\", \"kv_a_proj_with_mqa\", \"kv_b_proj\", \"o_proj\", \"up_proj\"]", "is missing"),
    ("exclude_modules", "[\"o_proj\"]", "belongs to nothing"), ("layers_to_transform", "[0]", "belongs to nothing"),
    ("target_modules", "\"(\"", "is no regular expression"),
    ("target_modules", "\"\(String(repeating: "[", count: 5000))\"", "of very many brackets"), ("r", "3", "has shape"),
  ]

  @Test("an option that changes what is computed is an error, and so is a config of other tensors", arguments: changes)
  func refuses(key: String, value: String, problem: String) throws {
    let folder = try adapter(key, value)
    let said = message { _ = try AdapterWeights(folder: folder.path, layout: try Self.layout()) }
    #expect(said?.contains(problem) == true, "\(said ?? "nothing")")
  }

  @Test(
    "what changes nothing is passed over",
    arguments: [
      ("init_lora_weights", "\"gaussian\""), ("init_lora_weights", "false"), ("of_tomorrow", "null"),
      ("of_tomorrow", "{}"), ("peft_version", "\"9.0\""), ("loftq_config", "{\"loftq_bits\": 4}"),
      ("eva_config", "{\"rho\": 2}"), ("layers_to_transform", "[0, 1]"),
    ])
  func passesOver(key: String, value: String) throws {
    let folder = try adapter(key, value)
    _ = try AdapterWeights(folder: folder.path, layout: try Self.layout())
  }

  /// The adapter "rslora" with one key of its config changed.
  private func adapter(_ key: String, _ value: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let source = "\(Self.root)/rslora"
    var lines = try text("\(source)/adapter_config.json").split(separator: "\n").map(String.init)
    var config = try JSONSerialization.jsonObject(with: Data(lines.joined().utf8)) as? [String: Any] ?? [:]
    config[key] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
    lines = [String(decoding: try JSONSerialization.data(withJSONObject: config), as: UTF8.self)]
    try folder.write("adapter_config.json", lines[0])
    try folder.write("adapter_model.safetensors", try contents("\(source)/adapter_model.safetensors"))
    return folder
  }
}
