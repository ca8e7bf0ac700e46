/// Micro-batches from a source, in Megatron's order: consecutive samples, so that data-parallel ranks folded into one
/// process see as further micro-batches what they would have seen side by side.
package struct BatchStream {
  private var source: any SampleSource
  package let microBatchSize: Int
  /// Samples drawn so far: the whole position. Setting it resumes there.
  package var consumedSamples: Int

  package init(_ source: any SampleSource, microBatchSize: Int, consumedSamples: Int = 0) {
    self.source = source
    self.microBatchSize = max(1, microBatchSize)
    self.consumedSamples = max(0, consumedSamples)
  }

  /// The next micro-batch.
  /// - Throws: ``DatasetError``; the position stays then.
  package mutating func next() throws -> TokenBatch {
    var samples: [TrainingSample] = []
    for offset in 0..<microBatchSize {
      let (index, overflow) = consumedSamples.addingReportingOverflow(offset)
      guard !overflow else { throw DatasetError("more samples than can be counted", file: "dataset") }
      samples.append(try source.sample(index))
    }
    consumedSamples += microBatchSize
    return Self.batch(samples)
  }

  /// The micro-batches of one step.
  package mutating func next(_ count: Int) throws -> [TokenBatch] {
    var batches: [TokenBatch] = []
    for _ in 0..<count { batches.append(try next()) }
    return batches
  }

  /// Joins samples of equal length.
  static func batch(_ samples: [TrainingSample]) -> TokenBatch {
    let length = samples.first?.tokens.count ?? 0
    let masked = samples.contains { $0.lossMask != nil }
    let segmented = samples.contains { $0.segmentLengths != nil }
    return TokenBatch(
      sequences: samples.count, length: length,
      tokens: samples.flatMap(\.tokens), targets: samples.flatMap(\.targets),
      lossMask: masked ? samples.flatMap { $0.lossMask ?? Array(repeating: 1, count: length) } : nil,
      segmentLengths: segmented ? samples.map { $0.segmentLengths ?? [length] } : nil)
  }
}
