/// One sample: a sequence of inputs with their targets.
package struct TrainingSample: Hashable, Sendable {
  package var tokens: [Int32]
  /// What should follow each token.
  package var targets: [Int32]
  /// 1 where a token counts in the loss; `nil` counts all.
  package var lossMask: [Float]?
  /// Lengths of the stretches that attend among themselves and count positions from 0; `nil` for one.
  package var segmentLengths: [Int]?
}

/// An endless, randomly accessible sequence of samples: sample n is the same whenever it is asked for, so that the number
/// of samples drawn so far is the whole data position.
package protocol SampleSource {
  /// Samples until the data begin again; the weight of a source without one.
  var samplesPerEpoch: Int { get }
  /// - Throws: ``DatasetError``.
  mutating func sample(_ index: Int) throws -> TrainingSample
}
