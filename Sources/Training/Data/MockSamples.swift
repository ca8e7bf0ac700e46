/// Made-up data with structure that a model can learn: a Markov chain over a part of the vocabulary.
///
/// From each token one of four successors follows, with probabilities 0.6, 0.2, 0.15 and 0.05: a model that has learned
/// them reaches a loss of ``entropy``, one that has not starts at the logarithm of the vocabulary.
package struct MockSamples: SampleSource {
  /// Cross entropy of the chain, in nats a token; a little less where two successors of a token coincide.
  package static let entropy = 1.0627

  private static let thresholds = [0.6, 0.8, 0.95, 1]
  /// Tokens in use: enough to be no toy, few enough that each is seen often in a short run.
  private static let activeTokens = 256

  private let sequenceLength: Int
  private let seed: UInt64
  private let part: DatasetSplit.Part
  /// Four successors of each token.
  private let successors: [Int32]
  private let count: Int

  /// - Parameter part: each part of the split has samples of its own from the same chain.
  /// - Throws: ``DatasetError``.
  package init(sequenceLength: Int, vocabularySize: Int, seed: UInt64, part: DatasetSplit.Part = .train) throws {
    guard vocabularySize >= 1, (1...(1 << 30)).contains(sequenceLength) else {
      throw DatasetError(
        "a vocabulary of \(vocabularySize) and a sequence length of \(sequenceLength) are impossible", file: "mock")
    }
    self.sequenceLength = sequenceLength
    let count = min(vocabularySize, Self.activeTokens)
    var stream = RandomStream(seed: seed, path: 3)
    // Four permutations: every token is as often a successor as any other, so that frequencies alone teach nothing.
    let columns = (0..<4).map { _ in stream.permutation(count) }
    successors = (0..<count).flatMap { token in columns.map { Int32($0[token]) } }
    self.count = count
    self.seed = seed
    self.part = part
  }

  package var samplesPerEpoch: Int { 100_000 }

  package func sample(_ index: Int) throws -> TrainingSample {
    var stream = RandomStream(seed: seed, path: 4, UInt64(part.rawValue), UInt64(truncatingIfNeeded: index))
    var token = Int32(stream.next(below: UInt64(count)))
    var tokens = [token]
    tokens.reserveCapacity(sequenceLength + 1)
    while tokens.count <= sequenceLength {
      let draw = stream.uniform()
      let choice = Self.thresholds.firstIndex { draw < $0 } ?? 3
      token = successors[Int(token) * 4 + choice]
      tokens.append(token)
    }
    return TrainingSample(tokens: Array(tokens.dropLast()), targets: Array(tokens.dropFirst()))
  }
}
