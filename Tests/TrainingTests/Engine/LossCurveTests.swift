import Testing

@testable import Training

/// Twenty optimizer steps against torch: every loss and every gradient norm before clipping.
@Suite struct LossCurveTests {
  static let cases = EngineFixture.curves

  @Test func casesAreFound() { #expect(!Self.cases.isEmpty) }

  @Test("losses follow torch to 1e-4", arguments: cases)
  func losses(name: String) throws {
    let fixture = try EngineFixture.load(name)
    let expected = try #require(fixture.losses)
    let found = try run(fixture, steps: expected.count).map(\.loss)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 * $1 }, "\(found)")
  }

  @Test("gradient norms follow torch to 1e-3", arguments: cases)
  func norms(name: String) throws {
    let fixture = try EngineFixture.load(name)
    let expected = try #require(fixture.gradientNorms)
    let found = try run(fixture, steps: expected.count).map(\.gradientNorm)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-3 * $1 }, "\(found)")
  }

  private func run(_ fixture: EngineFixture, steps: Int) throws -> [StepReport] {
    let engine = try fixture.engine()
    let (rate, decay) = (try #require(fixture.lr), try #require(fixture.weightDecay))
    return try (0..<steps).map { step in
      try engine.step(fixture.microBatches(step: step), learningRate: rate, weightDecay: decay)
    }
  }
}
