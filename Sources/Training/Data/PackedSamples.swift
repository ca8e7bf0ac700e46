/// Documents joined and cut into samples of `seq_length` + 1 tokens, as Megatron's `GPTDataset`: neighbouring samples
/// share a token, a sample may span documents and epochs.
///
/// Unlike Megatron's, documents and samples are shuffled within each epoch by that epoch's own random stream, not over a
/// number of epochs that depends on the length of the run: a run that is prolonged sees what it would have seen.
package struct PackedSamples: SampleSource {
  package struct Options: Hashable, Sendable {
    package var sequenceLength: Int
    package var shuffle: Bool
    package var seed: UInt64
    /// Tokens at or above it are refused.
    package var vocabularySize: Int
    /// Needed by the two below.
    package var eod: Int32?
    package var eodMaskLoss = false
    /// Documents of a sample attend among themselves only. With rotary positions, which are relative, Megatron's
    /// `reset_position_ids` then changes nothing; without this it is not computed here.
    package var resetAttentionMask = false

    package init(sequenceLength: Int, shuffle: Bool, seed: UInt64, vocabularySize: Int) {
      self.sequenceLength = sequenceLength
      self.shuffle = shuffle
      self.seed = seed
      self.vocabularySize = vocabularySize
    }
  }

  private let documents: any TokenDocuments
  private let range: Range<Int>
  private let options: Options
  /// Every document is a sample of its own: each has exactly one sample's length.
  private let documentsAreSamples: Bool
  package let tokensPerEpoch: Int
  /// Epochs in use: a sample touches two at most, unless the data are shorter than one sample.
  private var orders: [Int: DocumentOrder] = [:]
  private var sampleOrders: [Int: [UInt32]] = [:]

  /// - Parameters:
  ///   - range: the documents of this part of the split.
  ///   - keepsDocuments: where every document has exactly `seq_length` + 1 tokens, each is one sample, as somebody who
  ///     prepared them so means it; other data are joined and cut all the same.
  /// - Throws: ``DatasetError`` for data without tokens.
  package init(
    _ documents: any TokenDocuments, _ range: Range<Int>, _ options: Options, keepsDocuments: Bool = false
  ) throws {
    self.documents = documents
    self.range = range
    self.options = options
    try DatasetError.checkSequenceLength(options.sequenceLength, file: documents.name)
    var total = 0
    var fits = keepsDocuments
    for document in range {
      let length = documents.length(document)
      let (sum, overflow) = total.addingReportingOverflow(length)
      guard !overflow else { throw DatasetError("more tokens than can be counted", file: documents.name) }
      total = sum
      fits = fits && length == options.sequenceLength + 1
    }
    guard total > 0 else {
      throw DatasetError(
        "documents \(range.lowerBound)..<\(range.upperBound) of \(documents.count) hold no tokens", file: documents.name
      )
    }
    // Positions of later epochs must stay below Int.max; 2^40 epochs are more than anybody asks for.
    guard total < 1 << 50 else { throw DatasetError("more tokens than can be counted", file: documents.name) }
    guard !options.shuffle || max(range.count, total / options.sequenceLength) < Int(UInt32.max) - 1 else {
      throw DatasetError(
        "more than 2^32 documents or samples cannot be shuffled; use longer sequences", file: documents.name)
    }
    tokensPerEpoch = total
    documentsAreSamples = fits
  }

  package var samplesPerEpoch: Int {
    documentsAreSamples ? range.count : max(1, tokensPerEpoch / options.sequenceLength)
  }

  // MARK: Reading

  package mutating func sample(_ index: Int) throws -> TrainingSample {
    let tokens = documentsAreSamples ? try wholeDocument(index) : try window(index)
    if let outside = tokens.first(where: { $0 < 0 || Int($0) >= options.vocabularySize }) {
      throw DatasetError(
        "token \(outside) lies outside the vocabulary of \(options.vocabularySize)", file: documents.name)
    }
    return makeSample(tokens)
  }

  private mutating func wholeDocument(_ index: Int) throws -> [Int32] {
    let epoch = index / range.count
    let order = order(epoch)
    return try read(document: order.document(index % range.count), 0..<(options.sequenceLength + 1))
  }

  private func read(document: Int, _ range: Range<Int>) throws -> [Int32] {
    try [Int32](unsafeUninitializedCapacity: range.count) { buffer, count in
      try documents.copy(document, range, to: UnsafeMutableBufferPointer(rebasing: buffer[..<range.count]))
      count = range.count
    }
  }

  /// Tokens `[s n, s n + s]` of all epochs' documents in a row, where n is the shuffled index and s the sequence length.
  private mutating func window(_ index: Int) throws -> [Int32] {
    let length = options.sequenceLength
    let (position, overflow) = try shuffled(index).multipliedReportingOverflow(by: length)
    guard !overflow else { throw DatasetError("sample \(index) lies beyond all counting", file: documents.name) }
    var epoch = position / tokensPerEpoch
    var offset = position % tokensPerEpoch
    var tokens: [Int32] = []
    tokens.reserveCapacity(length + 1)
    while tokens.count <= length {
      let order = order(epoch)
      var place = order.place(ofToken: offset)
      while tokens.count <= length, place < range.count {
        let document = order.document(place)
        let first = offset - order.start(place)
        let count = min(documents.length(document) - first, length + 1 - tokens.count)
        if count > 0 { tokens += try read(document: document, first..<(first + count)) }
        offset += count
        place += 1
      }
      epoch += 1
      offset = 0
    }
    return tokens
  }

  /// The samples that begin in one epoch, shuffled among themselves.
  private mutating func shuffled(_ index: Int) throws -> Int {
    guard options.shuffle else { return index }
    let length = options.sequenceLength
    let (position, overflow) = index.multipliedReportingOverflow(by: length)
    guard !overflow else { throw DatasetError("sample \(index) lies beyond all counting", file: documents.name) }
    let epoch = position / tokensPerEpoch
    let (end, tooFar) = (epoch + 1).multipliedReportingOverflow(by: tokensPerEpoch)
    guard !tooFar else { throw DatasetError("sample \(index) lies beyond all counting", file: documents.name) }
    let first = epoch * tokensPerEpoch / length + (epoch * tokensPerEpoch % length == 0 ? 0 : 1)
    let last = (end - 1) / length
    if sampleOrders[epoch] == nil {
      var stream = RandomStream(seed: options.seed, path: 2, UInt64(epoch))
      sampleOrders = [epoch: stream.permutation(last - first + 1)]
    }
    return first + (sampleOrders[epoch].map { Int($0[index - first]) } ?? 0)
  }

  private mutating func order(_ epoch: Int) -> DocumentOrder {
    // Without shuffling all epochs are alike.
    let key = options.shuffle ? epoch : 0
    if let known = orders[key] { return known }
    var stream = RandomStream(seed: options.seed, path: 1, UInt64(key))
    let order = DocumentOrder(documents, range, shuffledBy: options.shuffle ? stream.permutation(range.count) : nil)
    if orders.count > 1 { orders = orders.filter { $0.key == key - 1 } }
    orders[key] = order
    return order
  }

  // MARK: Masks

  private func makeSample(_ tokens: [Int32]) -> TrainingSample {
    var sample = TrainingSample(tokens: Array(tokens.dropLast()), targets: Array(tokens.dropFirst()))
    guard let eod = options.eod else { return sample }
    if options.eodMaskLoss { sample.lossMask = sample.tokens.map { $0 == eod ? 0 : 1 } }
    if options.resetAttentionMask {
      var lengths: [Int] = []
      var start = 0
      for (index, token) in sample.tokens.enumerated() where token == eod || index == sample.tokens.count - 1 {
        lengths.append(index + 1 - start)
        start = index + 1
      }
      sample.segmentLengths = lengths
    }
    return sample
  }
}

/// The documents of one epoch in their order, with the running sum of their lengths.
private struct DocumentOrder {
  private let range: Range<Int>
  private let permutation: [UInt32]?
  /// Tokens before each document, and the sum.
  private let starts: [Int]

  init(_ documents: any TokenDocuments, _ range: Range<Int>, shuffledBy permutation: [UInt32]?) {
    self.range = range
    self.permutation = permutation
    var starts = [0]
    starts.reserveCapacity(range.count + 1)
    var sum = 0
    for place in 0..<range.count {
      sum += documents.length(range.lowerBound + (permutation.map { Int($0[place]) } ?? place))
      starts.append(sum)
    }
    self.starts = starts
  }

  func document(_ place: Int) -> Int { range.lowerBound + (permutation.map { Int($0[place]) } ?? place) }
  func start(_ place: Int) -> Int { starts[place] }

  /// The last document that begins at or before a token: the one that holds it.
  func place(ofToken offset: Int) -> Int {
    var low = 0
    var high = starts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
