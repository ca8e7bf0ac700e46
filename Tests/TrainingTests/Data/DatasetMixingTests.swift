import Testing

@testable import Training

@Suite("Splits, blends and batches")
struct DatasetMixingTests {
  @Test("Splits cut documents where Megatron cuts them")
  func splitsAsMegatron() throws {
    for item in try FixtureJSON.load("indexed_dataset/reference.json")["splits"].items {
      let split = try DatasetSplit(try #require(item["text"].string))
      let count = try #require(item["count"].int)
      #expect(zip(split.shares, item["shares"].doubles).allSatisfy { abs($0 - $1) < 1e-15 })
      for (part, expected) in zip(DatasetSplit.Part.allCases, item["ranges"].items.map(\.ints)) {
        let range = split.documents(part, of: count)
        let wanted = expected.isEmpty ? 0 : expected[1] - expected[0]
        #expect(range.count == wanted, "\(item["text"].string ?? "") of \(count), \(part)")
        if wanted > 0 { #expect(range.lowerBound == expected[0]) }
      }
    }
  }

  @Test("Splits without a meaning are refused", arguments: ["0,0,0", "", "a,b", "1,2,3,4", "1.2.3", "..."])
  func refusesSplit(text: String) {
    #expect(message { _ = try DatasetSplit(text) }?.hasPrefix("dataset.split \"\(text)\": ") == true)
  }

  struct Numbered: SampleSource {
    let id: Int32
    var samplesPerEpoch = 10
    func sample(_ index: Int) -> TrainingSample { TrainingSample(tokens: [id], targets: [Int32(index)]) }
  }

  @Test("Blends draw from the sources in Megatron's order, from any position")
  func blendsAsMegatron() throws {
    for item in try FixtureJSON.load("indexed_dataset/reference.json")["blends"].items {
      let weights = item["weights"].doubles
      var blend = try BlendedSamples(weights.indices.map { Numbered(id: Int32($0)) }, weights: weights)
      let expected = zip(item["source"].ints, item["sample"].ints).map { [$0, $1] }
      let order = Array(expected.indices) + [150, 3, 199, 0]
      for index in order {
        let sample = try blend.sample(index)
        #expect([Int(sample.tokens[0]), Int(sample.targets[0])] == expected[index], "\(weights), sample \(index)")
      }
    }
  }

  @Test("Without weights sources weigh what they hold")
  func weighsBySize() throws {
    let blend = try BlendedSamples([Numbered(id: 0, samplesPerEpoch: 30), Numbered(id: 1, samplesPerEpoch: 10)])
    #expect(blend.weights == [0.75, 0.25])
    #expect(blend.samplesPerEpoch == 40)
  }

  @Test("Weights that are none are refused", arguments: [[1.0], [0, 0], [-1, 2], [.nan, 1], [.infinity, 1]])
  func refusesWeights(weights: [Double]) {
    #expect(throws: DatasetError.self) { try BlendedSamples([Numbered(id: 0), Numbered(id: 1)], weights: weights) }
  }

  @Test("Batches are consecutive samples, and go on from a position")
  func batches() throws {
    var stream = BatchStream(Numbered(id: 7), microBatchSize: 3)
    let step = try stream.next(2)
    #expect(step.map(\.targets) == [[0, 1, 2], [3, 4, 5]])
    #expect(step[0].sequences == 3 && step[0].length == 1 && step[0].lossMask == nil && step[0].segmentLengths == nil)
    #expect(stream.consumedSamples == 6)
    var resumed = BatchStream(Numbered(id: 7), microBatchSize: 3, consumedSamples: 6)
    #expect(try resumed.next().targets == stream.next().targets)
  }

  @Test("Masks and segments of some samples are filled in for the others")
  func joinsMasks() {
    let masked = TrainingSample(tokens: [1, 2], targets: [2, 3], lossMask: [0, 1], segmentLengths: [1, 1])
    let batch = BatchStream.batch([masked, TrainingSample(tokens: [4, 5], targets: [5, 6])])
    #expect(batch.lossMask == [0, 1, 1, 1])
    #expect(batch.segmentLengths == [[1, 1], [2]])
    #expect(batch.tokens == [1, 2, 4, 5] && batch.targets == [2, 3, 5, 6])
  }
}

@Suite("Mock data")
struct MockSamplesTests {
  @Test("Samples are fixed by seed, part and index")
  func isDeterministic() throws {
    let mock = try MockSamples(sequenceLength: 16, vocabularySize: 1000, seed: 1)
    #expect(try mock.sample(5) == MockSamples(sequenceLength: 16, vocabularySize: 1000, seed: 1).sample(5))
    #expect(try mock.sample(5) != mock.sample(6))
    #expect(try mock.sample(5) != MockSamples(sequenceLength: 16, vocabularySize: 1000, seed: 2).sample(5))
    #expect(
      try mock.sample(5) != MockSamples(sequenceLength: 16, vocabularySize: 1000, seed: 1, part: .validation).sample(5))
    #expect(try mock.sample(0).tokens.count == 16)
  }

  @Test("Successors have the stated chances, frequencies alone teach nothing")
  func hasStructure() throws {
    let mock = try MockSamples(sequenceLength: 20_000, vocabularySize: 50_000, seed: 3)
    let sample = try mock.sample(0)
    var pairs: [Int32: [Int32: Int]] = [:]
    var single: [Int32: Int] = [:]
    for (token, target) in zip(sample.tokens, sample.targets) {
      pairs[token, default: [:]][target, default: 0] += 1
      single[token, default: 0] += 1
    }
    #expect(single.count == 256 && single.values.allSatisfy { $0 < 200 })
    #expect(pairs.values.allSatisfy { $0.count <= 4 })
    var likely = 0
    for targets in pairs.values { likely += targets.values.max() ?? 0 }
    #expect((0.58...0.65).contains(Double(likely) / 20_000))
  }

  @Test("The smallest vocabularies work", arguments: [1, 2, 5])
  func workWithFewTokens(vocabulary: Int) throws {
    let sample = try MockSamples(sequenceLength: 50, vocabularySize: vocabulary, seed: 0).sample(3)
    #expect(sample.tokens.allSatisfy { $0 >= 0 && Int($0) < vocabulary })
    #expect(throws: DatasetError.self) { try MockSamples(sequenceLength: 50, vocabularySize: 0, seed: 0) }
  }
}
