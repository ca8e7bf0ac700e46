/// Several sources mixed by weight, as Megatron's `BlendedDataset`: each sample comes from the source that is furthest
/// behind its share (`build_blending_indices`), the first among equals.
package struct BlendedSamples: SampleSource {
  private var sources: [any SampleSource]
  /// Normalised to a sum of 1.
  package let weights: [Double]
  /// Samples taken from each source before ``position``.
  private var counts: [Int]
  private var position = 0

  /// - Parameter weights: `nil` weighs each source by its samples an epoch, so that all are seen equally often.
  /// - Throws: ``DatasetError`` for no source, or weights that are none.
  package init(_ sources: [any SampleSource], weights: [Double]? = nil) throws {
    let fail = { (message: String) in DatasetError(message, file: "dataset.data_paths") }
    guard !sources.isEmpty else { throw fail("no data is given") }
    let given = weights ?? sources.map { Double($0.samplesPerEpoch) }
    guard given.count == sources.count else { throw fail("\(given.count) weights for \(sources.count) paths") }
    let sum = given.reduce(0, +)
    guard given.allSatisfy({ $0 >= 0 && $0.isFinite }), sum > 0, sum.isFinite else {
      throw fail("weights must be at least 0, and one above it; they are \(given)")
    }
    self.sources = sources
    self.weights = given.map { $0 / sum }
    counts = Array(repeating: 0, count: sources.count)
  }

  package var samplesPerEpoch: Int {
    let total = sources.reduce((0, false)) { sum, source in
      let (value, overflow) = sum.0.addingReportingOverflow(source.samplesPerEpoch)
      return (value, sum.1 || overflow)
    }
    return total.1 ? Int.max : total.0
  }

  /// The source of the sample at ``position``.
  private func nextSource() -> Int {
    let drawn = Double(max(position, 1))
    var best = 0
    var largest = -Double.infinity
    for index in weights.indices {
      let error = weights[index] * drawn - Double(counts[index])
      if error > largest { (best, largest) = (index, error) }
    }
    return best
  }

  /// The source of a sample and its index there.
  package mutating func place(_ index: Int) -> (source: Int, sample: Int) {
    if index < position {
      position = 0
      counts = Array(repeating: 0, count: sources.count)
    }
    while position < index {
      counts[nextSource()] += 1
      position += 1
    }
    let source = nextSource()
    return (source, counts[source])
  }

  package mutating func sample(_ index: Int) throws -> TrainingSample {
    if sources.count == 1 { return try sources[0].sample(index) }
    let (source, sample) = place(index)
    return try sources[source].sample(sample)
  }
}
