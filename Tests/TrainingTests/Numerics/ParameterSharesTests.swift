import Testing

@testable import Training

/// Who writes the gradients of a parameter and who updates it.
@Suite struct ParameterSharesTests {
  private static let shape = ModelShape(
    vocabSize: 100, hiddenSize: 24, intermediateSize: 40, moeIntermediateSize: 8, numHiddenLayers: 3,
    numAttentionHeads: 2, nSharedExperts: 1, nRoutedExperts: 3, numExpertsPerTok: 2, routedScalingFactor: 1,
    firstKDenseReplace: 1, kvLoraRank: 9, qkNopeHeadDim: 7, qkRopeHeadDim: 4, vHeadDim: 8, ropeTheta: 10_000,
    maxPositionEmbeddings: 64, rmsNormEps: 1e-5)

  /// Of more parameters than are summed at a time.
  private static var wideShape: ModelShape {
    var shape = shape
    shape.vocabSize = 3000
    return shape
  }

  @Test("regions follow each other from the first parameter to the last")
  func regions() throws {
    let layout = try ParameterLayout(shape: Self.shape)
    #expect(layout.regions.first?.lowerBound == 0)
    #expect(layout.regions.last?.upperBound == layout.storageCount)
    #expect(zip(layout.regions, layout.regions.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    // Embedding, one dense layer, two with experts, head.
    #expect(layout.regions.count == 1 + 1 + 2 * 2 + 1)
  }

  @Test("every region is shared out whole, in lines of the cache", arguments: [1, 2, 3, 7, 40])
  func shares(threads: Int) throws {
    let pool = try WorkerPool(threads: threads)
    for region in try ParameterLayout(shape: Self.shape).regions {
      let shares = (0..<threads).map { pool.share(of: region, thread: $0) }
      #expect(shares.flatMap { Array($0) } == Array(region))
      #expect(shares.allSatisfy { $0.isEmpty || ($0.lowerBound - region.lowerBound) % 16 == 0 })
    }
  }

  @Test("the gradients' norm is the same for every number of threads", arguments: [StoragePrecision.fp32, .bf16])
  func norm(precision: StoragePrecision) throws {
    let layout = try ParameterLayout(shape: Self.wideShape)
    let norms = try [1, 2, 3, 7].map { threads in
      let pool = try WorkerPool(threads: threads)
      let store = try ParameterStore(layout: layout, precision: precision, pool: pool)
      for group in layout.groups.indices {
        let target = try #require(store.gradients(ofGroup: group, isFirst: true))
        for index in 0..<layout.groups[group].count { target.base[index] = Float(index % 89) * 0.01 - 0.4 }
        store.finishGradients(ofGroup: group, isFirst: true)
      }
      let settings = OptimizerSettings(.adam(AdamSettings()))
      return try Optimizer(settings: settings, store: store, pool: pool).gradientNorm()
    }
    #expect(norms[0] > 1)
    #expect(norms.allSatisfy { $0 == norms[0] })
  }

  /// Projections that begin, end or lie within a region.
  @Test(
    "every output has one writer, who updates its weights but for half of 16 rows at either end",
    arguments: [1, 2, 3, 7, 40], [(offset: 0, outputs: 33), (160, 100), (3000, 5), (3500, 20)])
  func outputs(threads: Int, place: (offset: Int, outputs: Int)) throws {
    let pool = try WorkerPool(threads: threads)
    let region = 0..<4000
    let linear = Linear(offset: place.offset, inputs: 24, outputs: place.outputs)
    let writers = (0..<threads).map { linear.outputs(ofShare: region, pool, thread: $0) }
    #expect(writers.flatMap { Array($0) } == Array(0..<place.outputs))
    for (thread, outputs) in writers.enumerated() {
      let share = pool.share(of: region, thread: thread)
      for output in outputs {
        let start = place.offset + output * linear.inputs
        #expect(start >= share.lowerBound - 8 * linear.inputs && start < share.upperBound + 8 * linear.inputs)
      }
    }
  }
}
