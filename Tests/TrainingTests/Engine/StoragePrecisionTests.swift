import Testing

@testable import Training

/// bf16 storage with fp32 masters.
@Suite struct StoragePrecisionTests {
  @Test("the byte table of Megatron's precision-aware optimizer holds")
  func bytesPerParameter() throws {
    let shape = try EngineFixture.load("plain").shape
    func perParameter(_ precision: StoragePrecision, _ algorithm: OptimizerSettings.Algorithm) throws -> Double {
      let settings = EngineSettings(
        shape: shape, capacity: BatchCapacity(sequences: 1, length: 8), optimizer: OptimizerSettings(algorithm),
        precision: precision, threads: 1)
      let plan = try MemoryPlan(settings)
      let bytes = plan.weights + plan.masterWeights + plan.gradients + plan.optimizerStates
      return Double(bytes) / Double(try ParameterLayout(shape: shape).parameterCount)
    }
    let adam = OptimizerSettings.Algorithm.adam(AdamSettings())
    #expect(abs(try perParameter(.bf16, adam) - 12) < 0.1)
    #expect(abs(try perParameter(.fp32, adam) - 16) < 0.1)
    let mixed = StoragePrecision(weights: .bf16, gradients: .fp32, moments: .fp32)
    #expect(abs(try perParameter(mixed, adam) - 18) < 0.1)
  }

  @Test(
    "bf16 losses stay near the fp32 ones", arguments: ["curve_adamw", "curve_muon", "curve_sgd", "curve_adamw_tied"])
  func follows(name: String) throws {
    let fixture = try EngineFixture.load(name)
    let expected = try #require(fixture.losses)
    let engine = try fixture.engine(precision: .bf16)
    let rate = try #require(fixture.lr)
    for step in 0..<10 {
      let loss = try engine.step(fixture.microBatches(step: step), learningRate: rate, weightDecay: 0.1).loss
      #expect(abs(loss - expected[step]) < 0.05 * expected[step])
    }
  }

  @Test("weights are the rounded masters, gradients are bf16 values")
  func rounding() throws {
    let fixture = try EngineFixture.load("curve_adamw")
    let engine = try fixture.engine(precision: .bf16)
    _ = try engine.step(fixture.microBatches(step: 0), learningRate: 1e-3, weightDecay: 0.1)
    let name = "model.layers.0.self_attn.q_proj.weight"
    let master = try engine.parameters.withTensor(name) { Array($0) }
    let weights = try #require(try engine.parameters.withBFloat16(name) { Array($0) })
    #expect(weights == master.map(roundedToBFloat16))
    let gradients = try engine.parameters.gradient(name)
    #expect(gradients.allSatisfy { $0.bitPattern & 0xffff == 0 })
  }

  @Test(
    "rounding is to nearest, ties to even, and NaN stays NaN",
    arguments: [
      (0x3f80_8000, 0x3f80), (0x3f81_8000, 0x3f82), (0x3f80_8001, 0x3f81), (0x3f80_7fff, 0x3f80),
      (0x7f7f_ffff, 0x7f80), (0x7f80_0001, 0x7fc0), (0xff80_0000, 0xff80), (0x8000_0000, 0x8000),
    ] as [(UInt32, UInt16)])
  func nearestEven(bits: UInt32, expected: UInt16) {
    #expect(BFloat16.rounded([Float(bitPattern: bits)]) == [expected])
  }

  /// Independent of the kernel: adds half a unit in double and cuts.
  private func roundedToBFloat16(_ value: Float) -> UInt16 {
    let low = UInt16(value.bitPattern >> 16)
    let (below, above) = (Float(bitPattern: UInt32(low) << 16), Float(bitPattern: (UInt32(low) + 1) << 16))
    let (toBelow, toAbove) = (abs(Double(value) - Double(below)), abs(Double(above) - Double(value)))
    return toBelow < toAbove || toBelow == toAbove && low % 2 == 0 ? low : low + 1
  }
}
