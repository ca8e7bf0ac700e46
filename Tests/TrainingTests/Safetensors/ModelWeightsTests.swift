import Testing

@testable import Training

@Suite("Hugging Face directories")
struct ModelWeightsTests {
  static let sharded = fixture("safetensors/tiny-sharded")

  @Test("Shards that transformers wrote give every tensor with its shape and values")
  func readsShards() throws {
    let weights = try ModelWeights(directory: Self.sharded)
    let expected = try FixtureJSON.load("safetensors/tiny-sharded.json").entries
    #expect(weights.entries.map(\.name) == expected.map(\.key))
    for entry in expected {
      let (name, value) = (entry.key, entry.value)
      let shape = value.items[0].ints
      let floats = try weights.file(of: name).floats(name, shape: shape)
      let sum = floats.reduce(Double(0)) { $0 + Double($1) }
      #expect(abs(sum - (value.items[1].double ?? .nan)) < 1e-4, "\(name)")
    }
  }

  /// A copy of the sharded fixture to damage.
  static func copy(into folder: TemporaryFolder, without missing: String? = nil) throws {
    for name in try POSIXFileSystem().list(sharded) where name != missing {
      try folder.write(name, try contents(FilePath.join(sharded, name)))
    }
  }

  @Test("A missing shard is named")
  func namesMissingShard() throws {
    let folder = try TemporaryFolder()
    try Self.copy(into: folder, without: "model-00002-of-00002.safetensors")
    #expect(
      message { _ = try ModelWeights(directory: folder.path) }
        == "\(folder.path)/model.safetensors.index.json: the shard model-00002-of-00002.safetensors is missing")
  }

  @Test(
    "An index that lies is refused",
    arguments: [
      (#"{"weight_map":{"lm_head.weight":"model-00001-of-00002.safetensors"}}"#, "which does not hold it"),
      (#"{"weight_map":{"a":"../model-00001-of-00002.safetensors"}}"#, "is no file name"),
      (#"{"weight_map":{}}"#, "missing or empty"),
      (#"{"metadata":{}}"#, "missing or empty"),
      (#"{"weight_map":[]}"#, "expected object"),
      (#"{"#, "the text ends"),
    ])
  func refusesIndex(json: String, problem: String) throws {
    let folder = try TemporaryFolder()
    try Self.copy(into: folder, without: "model.safetensors.index.json")
    try folder.write("model.safetensors.index.json", json)
    #expect(try #require(message { _ = try ModelWeights(directory: folder.path) }).contains(problem))
  }

  @Test("A folder without weights says what it lacks")
  func refusesEmptyFolder() throws {
    let folder = try TemporaryFolder()
    #expect(message { _ = try ModelWeights(directory: folder.path) }?.contains("holds neither model.safeten") == true)
    #expect(message { _ = try ModelWeights(directory: folder.file("no")) }?.contains("No such file") == true)
  }

  @Test("Written shards stay below the size, one large tensor alone, and read back")
  func writesShards() throws {
    let folder = try TemporaryFolder()
    let tensors = (0..<5).map { index in
      let count = index == 3 ? 40 : 8
      return TensorToWrite("w\(index)", [Float](repeating: Float(index), count: count), shape: [count])
    }
    let names = try ModelWeights.write(tensors, to: folder.path, maximumShardBytes: 64)
    #expect(names.count == 5)  // w0 w1 | w2 | w3 | w4 and the index
    #expect(try SafetensorsFile(folder.file("model-00003-of-00004.safetensors")).entries.map(\.name) == ["w3"])
    let weights = try ModelWeights(directory: folder.path)
    #expect(weights.entries.map(\.name) == ["w0", "w1", "w2", "w3", "w4"])
    #expect(try weights.file(of: "w3").floats("w3") == [Float](repeating: 3, count: 40))
  }

  @Test("What fits is one file")
  func writesOneFile() throws {
    let folder = try TemporaryFolder()
    #expect(try ModelWeights.write([TensorToWrite("w", [1], shape: [1])], to: folder.path) == ["model.safetensors"])
    #expect(try ModelWeights(directory: folder.path)["w"]?.shape == [1])
  }
}
