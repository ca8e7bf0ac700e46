import CKernels
import Testing

@testable import Training

/// Where an engine multiplies in bf16, and where it does not.
@Suite struct ProductPrecisionTests {
  private static let names = ["curve_adamw", "curve_adamw_tied", "curve_muon_query_latent", "adapter_dora_dropout_pre"]

  private func losses(
    _ name: String, precision: StoragePrecision = .bf16, threads: Int = 1, packsWeights: Bool = false,
    recompute: RecomputePolicy = .none, steps: Int = 4
  ) throws -> [Float] {
    let fixture = try EngineFixture.load(name)
    let engine = try fixture.engine(
      threads: threads, precision: precision, products: .bf16, packsWeights: packsWeights, recompute: recompute)
    if let adapters = engine.adapters {
      var stream = RandomStream(seed: 3)
      for tensor in adapters.tensors {
        try adapters.withTensor(tensor.name) { values in
          for index in values.indices { values[index] = Float(stream.uniform() - 0.5) * 0.2 }
        }
      }
    }
    return try (0..<steps).map {
      try engine.step(fixture.microBatches(step: $0), learningRate: 3e-3, weightDecay: 0.1).loss
    }
  }

  @Test("losses stay near those of torch in fp32", arguments: ["curve_adamw", "curve_muon", "curve_adamw_tied"])
  func follows(name: String) throws {
    let expected = try #require(try EngineFixture.load(name).losses)
    let found = try losses(name, steps: 10)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 0.05 * $1 })
    #expect(found != expected)
  }

  @Test("bf16 weights are read as they are stored, to the bit as if they were widened", arguments: names)
  func readsStoredWeights(name: String) throws {
    let fixture = try EngineFixture.load(name)
    let stored = try fixture.engine(precision: .bf16, products: .bf16)
    let widened = try fixture.engine(precision: .fp32, products: .bf16)
    for tensor in stored.layout.tensors where tensor.isTrainable {
      let values = BFloat16.widened(try #require(try stored.parameters.withBFloat16(tensor.name) { Array($0) }))
      try values.withUnsafeBufferPointer { try widened.parameters.write(tensor.name, $0) }
    }
    #expect(try stored.logits(fixture.batch("step 0 0")) == widened.logits(fixture.batch("step 0 0")))
  }

  @Test("a run repeats itself to the bit, recomputed too", arguments: names)
  func repeatable(name: String) throws {
    let once = try losses(name, threads: 2)
    #expect(try losses(name, threads: 2) == once)
    #expect(try losses(name, threads: 2, recompute: RecomputePolicy(.full(layers: nil))) == once)
  }

  @Test("weights packed once a step give the same bits", arguments: names)
  func keepsPackedWeights(name: String) throws {
    let expected = try losses(name, threads: 3)
    for recompute in [RecomputePolicy.none, RecomputePolicy(.full(layers: nil))] {
      let found = try losses(name, threads: 3, packsWeights: true, recompute: recompute)
      if kernel_gemm_is_preferred() != 0 || kernel_bf16_preferred() != bf16_instructions_none {
        #expect(found == expected)
      } else {
        // The BLAS, which sums in another order, takes no packed weights; Adam's first steps carry a rounding far.
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 2e-2 * $1 })
      }
    }
  }

  @Test("packed weights stand in the plan, and only for trained bf16 weights in bf16 products")
  func plansPackedWeights() throws {
    func workspace(_ name: String, _ precision: StoragePrecision, _ products: ProductPrecision) throws -> [Int] {
      var settings = try EngineFixture.load(name).engine(precision: precision, products: products).settings
      return try [false, true].map { packs in
        settings.packsWeights = packs
        return try MemoryPlan(settings).workspace
      }
    }
    let packed = try workspace("curve_adamw", .bf16, .bf16)
    let parameters = try EngineFixture.load("curve_adamw").engine().layout.parameterCount
    // Two forms of 2 bytes or more a weight that is multiplied.
    #expect(packed[1] - packed[0] > 2 * parameters)
    for (name, precision, products) in [
      ("curve_adamw", .fp32, .bf16), ("curve_adamw", .bf16, .fp32), ("adapter_dora_dropout_pre", .bf16, .bf16),
    ] as [(String, StoragePrecision, ProductPrecision)] {
      let workspaces = try workspace(name, precision, products)
      #expect(workspaces[0] == workspaces[1])
    }
  }

  @Test("weights are kept packed where experts get few rows in each of several micro-batches, if at all")
  func keepsPackedWeightsOfFewRows() throws {
    let shape = try EngineFixture.load("curve_adamw").shape
    func keeps(_ products: ProductPrecision, rows: Int, microBatches: Int) -> Bool {
      let length = rows * shape.nRoutedExperts / shape.numExpertsPerTok
      return EngineSettings.packsWeights(
        products, shape, BatchCapacity(sequences: 1, length: length), microBatches: microBatches)
    }
    #expect(keeps(.bf16, rows: 32, microBatches: 4) == MatrixProduct.keepsPackedWeights)
    #expect(!keeps(.bf16, rows: 32, microBatches: 1))
    #expect(!keeps(.bf16, rows: 192, microBatches: 4))
    #expect(!keeps(.fp32, rows: 32, microBatches: 4))
  }

  @Test("the router's rows are multiplied in fp32, forward and back, and those beside them in bf16")
  func routerRows() throws {
    let linear = Linear(offset: 0, inputs: 3, outputs: 3, fp32Outputs: 1)
    var weights: [Float] = [1.001, 2.003, -0.707, 1.001, 2.003, -0.707, 0.111, 0.222, 0.333]
    var x: [Float] = [0.123, 0.456, 0.789]
    var dy: [Float] = [0.01, 0.02, 0.03]
    func run(_ precision: ProductPrecision, fp32Outputs: Int = 0) -> (y: [Float], dx: [Float], dw: [Float]) {
      let linear = Linear(offset: 0, inputs: 3, outputs: 3, fp32Outputs: fp32Outputs)
      var (y, dx, dw) = (
        [Float](repeating: 0, count: 3), [Float](repeating: 0, count: 3), [Float](repeating: 0, count: 9)
      )
      weights.withUnsafeMutableBufferPointer { w in
        x.withUnsafeMutableBufferPointer { x in
          dy.withUnsafeMutableBufferPointer { dy in
            guard let w = w.baseAddress, let x = x.baseAddress, let dy = dy.baseAddress else { return }
            let group = GroupWeights(fp32: w, products: MatrixProduct(precision))
            y.withUnsafeMutableBufferPointer {
              linear.forward(0..<1, weights: group, x: x, ldx: 3, y: $0.baseAddress ?? x, ldy: 3)
            }
            dx.withUnsafeMutableBufferPointer {
              linear.backward(0..<1, weights: group, dy: dy, lddy: 3, dx: $0.baseAddress ?? x, lddx: 3)
            }
            dw.withUnsafeMutableBufferPointer {
              WeightProduct(linear: linear, dy: dy, lddy: 3, x: x, ldx: 3).addGradients(
                tokens: 1, weights: group, GradientTarget(base: $0.baseAddress ?? x, beta: 0))
            }
          }
        }
      }
      return (y, dx, dw)
    }
    let (single, half, mixed) = (run(.fp32), run(.bf16), run(.bf16, fp32Outputs: 1))
    #expect(mixed.y == [single.y[0], half.y[1], half.y[2]])
    #expect(mixed.dw == Array(single.dw[..<3] + half.dw[3...]))
    #expect(mixed.y[0] != half.y[0])
    #expect(mixed.dx != half.dx && mixed.dx != single.dx)
    #expect(relativeError(mixed.dx, single.dx) < 0.01)
    var parts: [Range<Int>] = []
    linear.forEachPart(MatrixProduct(.bf16), outputs: 2..<3) { part, _ in parts.append(part) }
    #expect(parts == [2..<3])
  }

  @Test("the memory that is planned has no widened weights")
  func memory() throws {
    var settings = try EngineFixture.load("plain").engine(precision: .bf16).settings
    let single = try MemoryPlan(settings)
    settings.products = .bf16
    let half = try MemoryPlan(settings)
    let layout = try ParameterLayout(shape: settings.shape)
    let largest = layout.groups.map(\.count).max() ?? 0
    #expect(
      single.workspace - half.workspace
        == 4 * largest - 4 * layout.gainCount)
  }
}
