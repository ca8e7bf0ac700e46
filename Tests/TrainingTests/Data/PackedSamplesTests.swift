import Testing

@testable import Training

@Suite("Packed samples")
struct PackedSamplesTests {
  static func documents(_ lists: [[Int]], name: String = "test") -> DocumentsInMemory {
    var documents = DocumentsInMemory(name: name)
    for list in lists { documents.append(list.map(Int32.init)) }
    return documents
  }

  static func options(_ length: Int, shuffle: Bool = false, seed: UInt64 = 1) -> PackedSamples.Options {
    PackedSamples.Options(sequenceLength: length, shuffle: shuffle, seed: seed, vocabularySize: 100_000)
  }

  static func window(_ sample: TrainingSample) -> [Int] {
    #expect(Array(sample.tokens.dropFirst()) == Array(sample.targets.dropLast()))
    return (sample.tokens.prefix(1) + sample.targets).map(Int.init)
  }

  @Test("Unshuffled samples are Megatron's, over the ends of epochs")
  func cutsAsMegatron() throws {
    let reference = try FixtureJSON.load("indexed_dataset/reference.json")
    let indexed = try IndexedDataset(fixture("indexed_dataset/uint16_text_document"))
    let inMemory = Self.documents(reference["documents"].items.map(\.ints))
    for item in reference["samples"].items {
      let length = try #require(item["sequence"].int)
      let expected = item["samples"].items.map(\.ints)
      #expect(expected.count > 10)
      for source in [indexed, inMemory] as [any TokenDocuments] {
        var samples = try PackedSamples(source, 0..<source.count, Self.options(length))
        for (index, window) in expected.enumerated() {
          #expect(Self.window(try samples.sample(index)) == window, "length \(length), sample \(index)")
        }
      }
    }
  }

  /// 40 documents of 1 to 7 tokens; token = 10 x document + place.
  static let many = documents((0..<40).map { document in (0...(document % 7)).map { document * 10 + $0 } })

  @Test("A shuffled epoch holds every window once, and another seed or epoch another order")
  func shuffles() throws {
    var plain = try PackedSamples(Self.many, 0..<40, Self.options(1))
    let tokens = plain.tokensPerEpoch
    func epoch(_ number: Int, _ seed: UInt64) throws -> [[Int32]] {
      var samples = try PackedSamples(Self.many, 0..<40, Self.options(1, shuffle: true, seed: seed))
      return try (0..<tokens).map { try samples.sample(number * tokens + $0).tokens }
    }
    let all = try (0..<tokens).map { try plain.sample($0).tokens }
    let first = try epoch(0, 1)
    #expect(first != all)
    #expect(first.map { $0[0] }.sorted() == all.map { $0[0] }.sorted())
    #expect(try epoch(0, 1) == first)
    #expect(try epoch(1, 1) != first)
    #expect(try epoch(1, 1).map { $0[0] }.sorted() == all.map { $0[0] }.sorted())
    #expect(try epoch(0, 2) != first)
  }

  @Test("Sample n is the same however one comes to it", arguments: [1, 5, 16])
  func resumesAnywhere(length: Int) throws {
    var samples = try PackedSamples(Self.many, 3..<40, Self.options(length, shuffle: true))
    let count = samples.samplesPerEpoch * 3
    let inOrder = try (0..<count).map { try samples.sample($0) }
    for index in stride(from: count - 1, through: 0, by: -7) {
      var fresh = try PackedSamples(Self.many, 3..<40, Self.options(length, shuffle: true))
      #expect(try fresh.sample(index) == inOrder[index])
      #expect(try samples.sample(index) == inOrder[index])
    }
    #expect(inOrder.allSatisfy { $0.tokens.count == length && $0.tokens.allSatisfy { $0 >= 30 } })
  }

  @Test("Documents of exactly one sample's length stay whole where that is asked for")
  func keepsDocuments() throws {
    let rows = Self.documents([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])
    var kept = try PackedSamples(rows, 0..<3, Self.options(3), keepsDocuments: true)
    #expect(
      try (0..<4).map { Self.window(try kept.sample($0)) } == [
        [1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [1, 2, 3, 4],
      ])
    #expect(kept.samplesPerEpoch == 3)
    var joined = try PackedSamples(rows, 0..<3, Self.options(3))
    #expect(try Self.window(joined.sample(1)) == [4, 5, 6, 7])
    var uneven = try PackedSamples(rows, 0..<3, Self.options(2), keepsDocuments: true)
    #expect(try Self.window(uneven.sample(1)) == [3, 4, 5])
  }

  @Test("Masks and segments at document ends are Megatron's")
  func masksAsMegatron() throws {
    for item in try FixtureJSON.load("indexed_dataset/reference.json")["masks"].items {
      let tokens = item["tokens"].ints
      var options = Self.options(tokens.count)
      options.eod = 0
      options.eodMaskLoss = true
      options.resetAttentionMask = true
      var samples = try PackedSamples(Self.documents([tokens + [50]]), 0..<1, options)
      let sample = try samples.sample(0)
      #expect(sample.lossMask?.map(Double.init) == item["loss"].doubles)
      let positions = (sample.segmentLengths ?? []).flatMap { Array(0..<$0) }
      #expect(positions == item["positions"].ints, "\(tokens)")
      #expect(positions.map { $0 + 1 } == item["visible"].ints, "\(tokens)")
    }
  }

  @Test("Data that cannot give a sample are refused")
  func refuses() throws {
    #expect(
      message { _ = try PackedSamples(Self.documents([[], []], name: "file"), 0..<2, Self.options(4)) }
        == "file: documents 0..<2 of 2 hold no tokens")
    #expect(throws: DatasetError.self) { try PackedSamples(Self.many, 5..<5, Self.options(4)) }
    #expect(throws: DatasetError.self) { try PackedSamples(Self.many, 0..<40, Self.options(0)) }
    var tooLarge = try PackedSamples(Self.documents([[1, 200_000]]), 0..<1, Self.options(1))
    #expect(message { _ = try tooLarge.sample(0) }?.contains("token 200000 lies outside") == true)
    var samples = try PackedSamples(Self.many, 0..<40, Self.options(16, shuffle: true))
    #expect(throws: DatasetError.self) { try samples.sample(Int.max) }
    #expect(try samples.sample(Int.max / 16).tokens.count == 16)
  }

  @Test("Data shorter than a sample are repeated within it")
  func repeatsShortData() throws {
    var samples = try PackedSamples(Self.documents([[1], [2, 3]]), 0..<2, Self.options(7))
    #expect(try Self.window(samples.sample(0)) == [1, 2, 3, 1, 2, 3, 1, 2])
  }
}
