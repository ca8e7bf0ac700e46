import Testing

@testable import Training

@Suite("Weights between a model and its directory")
struct WeightTransferTests {
  static let source = fixture("safetensors/tiny-sharded")

  static func store(_ precision: StoragePrecision = .fp32) throws -> ParameterStore {
    let config = try HuggingFaceConfig(file: source + "/config.json")
    return try ParameterStore(
      layout: try ParameterLayout(shape: ModelShape(config)), precision: precision, pool: try WorkerPool(threads: 1))
  }

  @Test("A model that transformers saved loads whole and is written as the same tensors", arguments: [false, true])
  func roundTrips(bf16: Bool) throws {
    let store = try Self.store(bf16 ? .bf16 : .fp32)
    let original = try ModelWeights(directory: Self.source)
    try store.load(try StoredWeights(directory: Self.source))
    let folder = try TemporaryFolder()
    let config = try HuggingFaceConfig(file: Self.source + "/config.json")
    try ModelWeights.write(store.tensorsToWrite(as: .bfloat16), to: folder.path)
    try config.write(to: folder.path)
    let written = try ModelWeights(directory: folder.path)
    #expect(written.entries.map(\.name) == original.entries.map(\.name))
    for entry in original.entries {
      let (found, expected) = (try written.file(of: entry.name), try original.file(of: entry.name))
      #expect(try found.floats(entry.name, shape: entry.shape) == expected.floats(entry.name), "\(entry.name)")
    }
    #expect(written["model.layers.1.mlp.gate.e_score_correction_bias"]?.type == .float32)
    #expect(try HuggingFaceConfig(file: folder.file("config.json")) == config)
  }

  @Test(
    "Masters of bf16 weights begin at the rounded values, unless the file's own are asked for",
    arguments: [false, true])
  func roundsMasters(keepsFP32: Bool) throws {
    let (single, half) = (try Self.store(), try Self.store(.bf16))
    var stream = RandomStream(seed: 3, name: "weights")
    for tensor in single.layout.tensors {
      let values = (0..<tensor.count).map { _ in Float(stream.uniform()) }
      try values.withUnsafeBufferPointer { try single.write(tensor.name, $0) }
    }
    let folder = try TemporaryFolder()
    try ModelWeights.write(single.tensorsToWrite(as: .float32), to: folder.path)
    let stored = try StoredWeights(ModelWeights(directory: folder.path), layout: single.layout)
    try half.load(stored, keepsFP32: keepsFP32)
    for tensor in single.layout.tensors where tensor.isTrainable {
      let values = try single.withTensor(tensor.name) { Array($0) }
      let rounded = values.map { ElementConversion.float(bfloat16: ElementConversion.bfloat16($0)) }
      #expect(try half.withTensor(tensor.name) { Array($0) } == (keepsFP32 ? values : rounded), "\(tensor.name)")
    }
  }

  @Test(
    "Rows of the vocabulary that the file does not have are zero, where they are asked for", arguments: [false, true])
  func padsVocabulary(bf16: Bool) throws {
    var shape = ModelShape(try HuggingFaceConfig(file: Self.source + "/config.json"))
    let rows = shape.vocabSize
    shape.vocabSize += 2
    let store = try ParameterStore(
      layout: try ParameterLayout(shape: shape), precision: bf16 ? .bf16 : .fp32, pool: try WorkerPool(threads: 1))
    #expect(throws: SafetensorsError.self) { try StoredWeights(directory: Self.source, layout: store.layout) }
    try store.load(try StoredWeights(directory: Self.source, layout: store.layout, padsVocabulary: true))
    let original = try Self.store()
    try original.load(try StoredWeights(directory: Self.source))
    for name in ["model.embed_tokens.weight", "lm_head.weight"] {
      let (padded, whole) = (try store.withTensor(name) { Array($0) }, try original.withTensor(name) { Array($0) })
      #expect(Array(padded.prefix(rows * shape.hiddenSize)) == whole)
      #expect(Array(padded.dropFirst(whole.count)) == Array(repeating: 0, count: 2 * shape.hiddenSize))
    }
    shape.vocabSize = rows - 1
    let fewer = try ParameterLayout(shape: shape)
    #expect(throws: SafetensorsError.self) {
      try StoredWeights(directory: Self.source, layout: fewer, padsVocabulary: true)
    }
  }

  @Test("A shape becomes a config and comes back", arguments: ["tiny-sharded/config.json", "yarn-config.json"])
  func mapsShape(name: String) throws {
    let shape = ModelShape(try HuggingFaceConfig(file: fixture("safetensors/\(name)")))
    #expect(ModelShape(HuggingFaceConfig(shape)) == shape)
    #expect(HuggingFaceConfig(shape).routedScalingFactor == 2.446)
  }

  @Test("A missing tensor, another shape and stray tensors are told")
  func tellsDifferences() throws {
    let store = try Self.store()
    let folder = try TemporaryFolder()
    var tensors = store.tensorsToWrite(as: .float32)
    tensors.append(TensorToWrite("model.layers.0.self_attn.rotary_emb.inv_freq", [1], shape: [1]))
    tensors.append(TensorToWrite("stray", [1], shape: [1]))
    try ModelWeights.write(tensors, to: folder.path)
    let open = { _ = try StoredWeights(ModelWeights(directory: folder.path), layout: store.layout) }
    #expect(message(open) == "\(folder.path): holds stray, which this model has no place for")
    tensors.removeLast()
    try ModelWeights.write(tensors, to: folder.path)
    #expect(message(open) == nil)
    let place = try #require(tensors.firstIndex { $0.name == "model.norm.weight" })
    tensors[place] = TensorToWrite("model.norm.weight", [1], shape: [1])
    try ModelWeights.write(tensors, to: folder.path)
    #expect(
      message(open)?
        .hasSuffix("tensor model.norm.weight: has shape [1], the model needs [8]") == true)
    tensors.remove(at: place)
    try ModelWeights.write(tensors, to: folder.path)
    #expect(
      message(open)
        == "\(folder.path), tensor model.norm.weight: is missing")
  }
}
