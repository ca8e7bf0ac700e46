import Testing

@testable import Training

/// The same settings give the same bits; other thread counts the same numbers to 1e-5.
@Suite struct DeterminismTests {
  private func losses(threads: Int, name: String = "curve_muon") throws -> [Float] {
    let fixture = try EngineFixture.load(name)
    let engine = try fixture.engine(threads: threads)
    return try (0..<8).map {
      try engine.step(fixture.microBatches(step: $0), learningRate: 3e-3, weightDecay: 0.1).loss
    }
  }

  @Test("two runs agree bit for bit", arguments: [1, 2, 3])
  func repeatable(threads: Int) throws {
    #expect(try losses(threads: threads) == losses(threads: threads))
  }

  @Test("losses do not depend on the number of threads", arguments: [2, 3, 5])
  func threadCount(threads: Int) throws {
    let (one, many) = (try losses(threads: 1), try losses(threads: threads))
    #expect(zip(one, many).allSatisfy { abs($0 - $1) < 1e-5 * $0 })
  }

  @Test("initial weights depend on seed and name alone")
  func initialization() throws {
    let fixture = try EngineFixture.load("plain")
    func weights(seed: UInt64, threads: Int) throws -> [Float] {
      let engine = try fixture.engine(threads: threads)
      engine.initialize(InitializationSettings(seed: seed))
      return try engine.parameters.withTensor("model.layers.1.mlp.experts.3.up_proj.weight") { Array($0) }
    }
    #expect(try weights(seed: 5, threads: 1) == weights(seed: 5, threads: 3))
    #expect(try weights(seed: 5, threads: 1) != weights(seed: 6, threads: 1))
  }

  @Test("output projections are drawn narrower by sqrt(2 * layers)")
  func scaledInitialization() {
    let settings = InitializationSettings(seed: 1, initMethodStd: 0.02)
    #expect(settings.std(of: .matrix(isOutput: false), layers: 8) == 0.02)
    #expect(settings.std(of: .matrix(isOutput: true), layers: 8) == 0.005)
  }
}
