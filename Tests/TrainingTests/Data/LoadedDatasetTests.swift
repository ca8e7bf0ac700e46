import Testing

@testable import Training

@Suite("The data of a run")
struct LoadedDatasetTests {
  static func settings(
    _ kind: DatasetSettings.Kind, _ paths: [DatasetSettings.Path] = [], split: String? = nil, length: Int = 4
  ) throws -> DatasetSettings {
    DatasetSettings(
      kind: kind, paths: paths, split: try split.map { try DatasetSplit($0) }, shuffle: false, seed: 1,
      sequenceLength: length, vocabularySize: 300)
  }

  static func load(_ settings: DatasetSettings) throws -> LoadedDataset {
    try LoadedDataset(settings, tokenizer: ByteTokenizer())
  }

  @Test("Text is split by documents; parts without a share are none")
  func splitsText() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.jsonl", (0..<10).map { "{\"text\": \"\($0)\($0)\($0)\"}\n" }.joined())
    let data = try Self.load(try Self.settings(.jsonl, [.init(path)], split: "8,2"))
    var train = try #require(try data.samples(.train))
    var validation = try #require(try data.samples(.validation))
    #expect(try data.samples(.test) == nil)
    #expect(try train.sample(0) == TrainingSample(tokens: [48, 48, 48, 257], targets: [48, 48, 257, 49]))
    #expect(try validation.sample(0).tokens == [56, 56, 56, 257])
    #expect(try validation.sample(2).tokens == [56, 56, 56, 257])
    #expect(train.samplesPerEpoch == 8 && validation.samplesPerEpoch == 2)
  }

  @Test("Paths are blended by weight; without a split all is for training")
  func blends() throws {
    let folder = try TemporaryFolder()
    let paths = try [1, 2].map {
      try folder.write("\($0).jsonl", "{\"tokens\": [\($0), \($0), \($0), \($0), \($0)]}\n")
    }
    let data = try Self.load(try Self.settings(.tokens, [.init(paths[0], weight: 3), .init(paths[1], weight: 1)]))
    var train = try #require(try data.samples(.train))
    #expect(try (0..<8).map { try train.sample($0).tokens[0] }.sorted() == [1, 1, 1, 1, 1, 1, 2, 2])
    #expect(try data.samples(.validation) == nil)
  }

  @Test("A folder of fine-tuning files has a file a part")
  func readsFolder() throws {
    let folder = try TemporaryFolder()
    for (name, letter) in [("training", "t"), ("validation", "v")] {
      try folder.write("\(name).jsonl", "{\"prompt\": \"q\", \"completion\": \"\(letter)\"}\n")
    }
    let data = try Self.load(try Self.settings(.sft, [.init(folder.path)]))
    var train = try #require(try data.samples(.train))
    var validation = try #require(try data.samples(.validation))
    #expect(
      try train.sample(0)
        == TrainingSample(
          tokens: [113, 116, 258, 258], targets: [116, 257, 258, 258], lossMask: [1, 1, 0, 0], segmentLengths: [2, 2]))
    #expect(try validation.sample(0).tokens == [113, 118, 258, 258])
    #expect(try data.samples(.test) == nil)
  }

  @Test("Mock data need no path")
  func mocks() throws {
    let data = try Self.load(try Self.settings(.mock, split: "1,1,0"))
    var train = try #require(try data.samples(.train))
    #expect(try train.sample(0).tokens.count == 4)
    #expect(try data.samples(.test) == nil)
  }

  @Test("What cannot be is said before any training")
  func refuses() throws {
    #expect(message { _ = try Self.load(try Self.settings(.jsonl)) } == "dataset: kind jsonl needs data_paths")
    #expect(
      message { _ = try Self.load(try Self.settings(.jsonl, [.init("a", weight: 1), .init("b")])) }
        == "dataset: 1 of 2 data_paths have a weight; all or none must")
    #expect(
      message { _ = try Self.load(try Self.settings(.indexed, [.init("/nowhere/x")])) }?.contains("/nowhere/x.idx")
        == true)
    for length in [0, -1, Int.max] {
      #expect(
        message { _ = try Self.load(try Self.settings(.mock, length: length)) }
          == "dataset.seq_length: a sequence length of \(length) is impossible")
    }
    var small = try Self.settings(.jsonl, [.init("a")])
    small.vocabularySize = 263
    #expect(
      message { _ = try Self.load(small) }
        == "dataset: the tokenizer ByteTokenizer has 264 tokens, the model's vocabulary 263")
  }
}
