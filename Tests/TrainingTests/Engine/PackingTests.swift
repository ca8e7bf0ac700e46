import Testing

@testable import Training

/// Rows of a fine-tuning set, packed or one to a sequence.
@Suite struct PackingTests {
  private func rows(_ fixture: EngineFixture) -> [SupervisedRow] {
    var stream = ReferenceStream(name: "rows", seed: 5)
    return (0..<9).map { line in
      let count = 4 + Int(stream.next() % 12)
      return SupervisedRow(
        tokens: (0..<count).map { _ in Int32(stream.next() % UInt64(fixture.config.vocabSize)) },
        produced: (0..<count).map { $0 > count / 3 }, line: line + 1)
    }
  }

  private func batches(_ fixture: EngineFixture, packs: Bool) throws -> [TokenBatch] {
    var samples = try SupervisedSamples(
      rows(fixture), file: "rows.jsonl", sequenceLength: fixture.length, packs: packs, pad: 0, shuffle: false, seed: 1)
    return try (0..<samples.samplesPerEpoch).map { BatchStream.batch([try samples.sample($0)]) }
  }

  @Test(
    "packed and padded rows have the same loss to 1e-5, and the same gradients", arguments: ["plain", "query_latent"])
  func packs(name: String) throws {
    let fixture = try EngineFixture.load(name)
    let (padded, packed) = (try batches(fixture, packs: false), try batches(fixture, packs: true))
    #expect(packed.count < padded.count)
    var settings = try fixture.engine().settings
    settings.calculatePerTokenLoss = true
    let results = try [padded, packed].map { batches in
      let engine = try TrainingEngine(settings)
      engine.initialize(InitializationSettings(seed: 3, initMethodStd: 0.2))
      let loss = try engine.computeGradients(batches).loss
      return (loss: loss, gradient: try engine.parameters.gradient("model.layers.0.self_attn.o_proj.weight"))
    }
    #expect(abs(results[0].loss - results[1].loss) < 1e-5 * results[0].loss)
    #expect(relativeError(results[1].gradient, results[0].gradient) < 1e-4)
  }
}
