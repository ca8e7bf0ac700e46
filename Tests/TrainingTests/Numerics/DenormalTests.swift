import Testing

@testable import Training

/// Numbers below fp32's smallest normal one, with which processors are slow.
@Suite struct DenormalTests {
  @Test("they count as zero within the pool's bodies, and as ever outside", arguments: [1, 3])
  func bodies(threads: Int) throws {
    let pool = try WorkerPool(threads: threads)
    let storage = try Storage<Float>(count: 3 * threads)
    let numbers = storage.base
    let small = Float.leastNormalMagnitude / 8
    func halve(_ thread: Int) {
      numbers[3 * thread + 1] = numbers[3 * thread] * 0.5  // too small to be written
      numbers[3 * thread + 2] = numbers[3 * thread + 2] * 2  // too small to be read
    }
    for thread in 0..<threads { (numbers[3 * thread], numbers[3 * thread + 2]) = (.leastNormalMagnitude, small) }
    pool.run(halve)
    for thread in 0..<threads { #expect(numbers[3 * thread + 1] == 0 && numbers[3 * thread + 2] == 0) }
    numbers[2] = small
    halve(0)
    #expect(numbers[1] == .leastNormalMagnitude / 2 && numbers[2] == small * 2)
  }

  private static let algorithms: [OptimizerSettings.Algorithm] = [
    .adam(AdamSettings()), .muon(MuonSettings(), AdamSettings()), .sgd(momentum: 0.9),
  ]

  @Test("without gradients the optimizer's states fall to zero", arguments: algorithms, [StoragePrecision.fp32, .bf16])
  func states(algorithm: OptimizerSettings.Algorithm, precision: StoragePrecision) throws {
    var settings = try EngineFixture.load("plain").engine(threads: 2, precision: precision).settings
    settings.optimizer = OptimizerSettings(algorithm)
    let engine = try TrainingEngine(settings)
    for state in states(of: engine) { try state.fill(engine.optimizer, 1e-36) }
    for _ in 0..<300 { #expect(engine.optimizer.step(learningRate: 0.1, weightDecay: 0) == 0) }
    for state in states(of: engine) {
      #expect(try state.values(engine.optimizer).allSatisfy { $0 == 0 }, "\(state)")
    }
  }

  private struct State {
    let tensor: String
    let kind: Optimizer.StateKind

    func fill(_ optimizer: Optimizer, _ value: Float) throws {
      if optimizer.format(of: kind) == .fp32 {
        try optimizer.withState(kind, tensor) { $0.update(repeating: value) }
      } else {
        try optimizer.withBFloat16State(kind, tensor) { $0.update(repeating: BFloat16.rounded([value])[0]) }
      }
    }

    func values(_ optimizer: Optimizer) throws -> [Float] {
      guard optimizer.format(of: kind) == .fp32 else {
        return try optimizer.withBFloat16State(kind, tensor) { BFloat16.widened(Array($0)) }
      }
      return try optimizer.withState(kind, tensor) { Array($0) }
    }
  }

  private func states(of engine: TrainingEngine) -> [State] {
    engine.layout.tensors.flatMap { tensor in
      engine.optimizer.stateKinds(of: tensor).map { State(tensor: tensor.name, kind: $0) }
    }
  }
}
