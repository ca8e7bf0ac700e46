import Testing

@testable import Training

/// Training with bf16 weights and products against fp64, on models and tokens of ten seeds.
@Suite struct BFloat16LossTests {
  /// bf16 weights with fp32 masters and gradients: Megatron-Bridge's `bf16_mixed`.
  static let mixed = StoragePrecision(weights: .bf16, gradients: .fp32, moments: .fp32)

  @Test("losses are no farther from fp64 than those of torch's bf16 autocast")
  func noFartherThanAutocast() throws {
    var (ours, autocast) = (0.0, 0.0)
    for run in try EngineFixture.loadBFloat16Losses() {
      let exact = try #require(run.losses)
      let found = try losses(run)
      let distances = (distance(found, exact), distance(try #require(run.autocastLosses), exact))
      print("seed \(run.seed): ours \(distances.0), autocast \(distances.1) from fp64")
      ours += distances.0
      autocast += distances.1
    }
    #expect(ours > 0)
    #expect(ours <= autocast)
  }

  private func losses(_ run: EngineFixture) throws -> [Float] {
    let engine = try run.engine(precision: Self.mixed, products: .bf16)
    let (rate, decay) = (try #require(run.lr), try #require(run.weightDecay))
    return try (run.losses ?? []).indices.map { step in
      try engine.step(run.microBatches(step: step), learningRate: rate, weightDecay: decay).loss
    }
  }

  /// Root of the mean square over the steps.
  private func distance(_ losses: [Float], _ exact: [Float]) -> Double {
    let squares = zip(losses, exact).map { Double($0 - $1) * Double($0 - $1) }
    return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
  }
}
