/// One micro-batch: equally long sequences with a target for every token.
package struct TokenBatch: Sendable {
  package let sequences: Int
  package let length: Int
  /// `[sequence][position]`, flat.
  package let tokens: [Int32]
  /// What should follow each token (already shifted).
  package let targets: [Int32]
  /// Weight of each token in the loss (Megatron's `loss_mask`); `nil` counts all.
  package let lossMask: [Float]?
  /// Lengths of the samples packed into each sequence, which attend among themselves only and count positions from 0;
  /// `nil` means each sequence is one sample.
  package let segmentLengths: [[Int]]?

  package init(
    sequences: Int, length: Int, tokens: [Int32], targets: [Int32], lossMask: [Float]? = nil,
    segmentLengths: [[Int]]? = nil
  ) {
    self.sequences = sequences
    self.length = length
    self.tokens = tokens
    self.targets = targets
    self.lossMask = lossMask
    self.segmentLengths = segmentLengths
  }

  /// What the loss is divided by: the sum of the mask.
  package var lossTokens: Float { lossMask?.reduce(0, +) ?? Float(tokens.count) }

  /// - Throws: `EngineError.invalidBatch` for anything that would make the model read or write outside its arrays.
  func validate(vocabSize: Int, capacity: BatchCapacity) throws(EngineError) {
    guard sequences >= 1, length >= 1, length <= capacity.length, sequences <= capacity.sequences else {
      throw .invalidBatch(
        "\(sequences) sequences of \(length) tokens; the engine is set up for \(capacity.sequences) of "
          + "\(capacity.length)")
    }
    let count = sequences * length
    guard tokens.count == count, targets.count == count, lossMask?.count ?? count == count else {
      throw .invalidBatch("tokens, targets and loss mask must have \(count) elements")
    }
    for ids in [tokens, targets] {
      if let outside = ids.first(where: { $0 < 0 || $0 >= vocabSize }) {
        throw .invalidBatch("token \(outside) is outside the vocabulary of \(vocabSize)")
      }
    }
    if let lossMask, let weight = lossMask.first(where: { !$0.isFinite || $0 < 0 }) {
      throw .invalidBatch("\(weight) in the loss mask")
    }
    guard let segmentLengths else { return }
    guard segmentLengths.count == sequences else {
      throw .invalidBatch("segments for \(segmentLengths.count) of \(sequences) sequences")
    }
    for lengths in segmentLengths {
      var remaining = length
      for segment in lengths where remaining >= 0 { remaining -= (1...length).contains(segment) ? segment : length + 1 }
      guard remaining == 0 else { throw .invalidBatch("segments of \(lengths) in a sequence of \(length)") }
    }
  }

  /// The stretches of tokens that attend among themselves.
  var segments: [Range<Int>] {
    guard let segmentLengths else {
      return (0..<sequences).map { $0 * length..<($0 + 1) * length }
    }
    var start = 0
    return segmentLengths.joined().map { count in
      defer { start += count }
      return start..<start + count
    }
  }
}
