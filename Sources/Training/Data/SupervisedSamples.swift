/// Rows of a fine-tuning set as samples of `seq_length` tokens: padded one by one, or packed.
///
/// Each epoch has its own order by seed. Packing joins the rows of an epoch in that order while they fit; rows attend
/// among themselves only and count positions from 0, so that packed and padded rows have the same losses.
package struct SupervisedSamples: SampleSource {
  private let rows: [SupervisedRow]
  private let sequenceLength: Int
  private let pad: Int32
  private let shuffle: Bool
  private let seed: UInt64
  private let packs: Bool
  /// Samples in the epochs planned so far: with packing, an epoch's number depends on its order.
  private var starts = [0]
  private var plan: (epoch: Int, samples: [Range<Int>], order: [UInt32])?

  /// - Parameters:
  ///   - rows: as ``SupervisedRow/read(_:_:_:)`` gives them: none longer than `sequenceLength` + 1.
  ///   - pad: fills the rest of a sequence; does not count in the loss.
  /// - Throws: ``DatasetError`` for no rows, or one that is too long.
  package init(
    _ rows: [SupervisedRow], file: String, sequenceLength: Int, packs: Bool, pad: Int32, shuffle: Bool, seed: UInt64
  ) throws {
    try DatasetError.checkSequenceLength(sequenceLength, file: file)
    guard !rows.isEmpty else { throw DatasetError("there are no rows", file: file) }
    if let row = rows.first(where: { $0.tokens.count > sequenceLength + 1 || $0.tokens.count < 2 }) {
      throw DatasetError(
        "a row of \(row.tokens.count) tokens does not fit a sequence of \(sequenceLength)", file: file, line: row.line)
    }
    self.rows = rows
    self.sequenceLength = sequenceLength
    self.packs = packs
    self.pad = pad
    self.shuffle = shuffle
    self.seed = seed
  }

  package var rowCount: Int { rows.count }

  /// Samples of the first epoch.
  package var samplesPerEpoch: Int { packs ? Self.packed(order(0), rows, sequenceLength).count : rows.count }

  package mutating func sample(_ index: Int) throws -> TrainingSample {
    if !packs {
      if plan?.epoch != index / rows.count {
        plan = (index / rows.count, [], order(index / rows.count))
      }
      let place = index % rows.count
      return sample([rows[plan.map { Int($0.order[place]) } ?? place]])
    }
    while (starts.last ?? 0) <= index { appendEpoch() }
    let epoch = (starts.firstIndex { $0 > index } ?? 1) - 1
    let plan = plan(epoch)
    let members = plan.samples[index - starts[epoch]].map { rows[Int(plan.order[$0])] }
    return sample(members)
  }

  // MARK: Planning

  private func order(_ epoch: Int) -> [UInt32] {
    guard shuffle else { return Array(0..<UInt32(clamping: rows.count)) }
    var stream = RandomStream(seed: seed, path: 5, UInt64(epoch))
    return stream.permutation(rows.count)
  }

  /// Consecutive places of an order that share a sequence. A row of n tokens takes n - 1 places.
  private static func packed(_ order: [UInt32], _ rows: [SupervisedRow], _ length: Int) -> [Range<Int>] {
    var samples: [Range<Int>] = []
    var start = 0
    var used = 0
    for (place, row) in order.enumerated() {
      let needed = rows[Int(row)].tokens.count - 1
      if used + needed > length {
        samples.append(start..<place)
        (start, used) = (place, 0)
      }
      used += needed
    }
    samples.append(start..<order.count)
    return samples
  }

  private mutating func plan(_ epoch: Int) -> (epoch: Int, samples: [Range<Int>], order: [UInt32]) {
    if let plan, plan.epoch == epoch { return plan }
    let order = order(epoch)
    let made = (epoch, Self.packed(order, rows, sequenceLength), order)
    plan = made
    return made
  }

  private mutating func appendEpoch() {
    let next = plan(starts.count - 1)
    starts.append((starts.last ?? 0) + next.samples.count)
  }

  // MARK: Filling

  private func sample(_ members: [SupervisedRow]) -> TrainingSample {
    var sample = TrainingSample(tokens: [], targets: [], lossMask: [], segmentLengths: [])
    for row in members {
      sample.tokens += row.tokens.dropLast()
      sample.targets += row.tokens.dropFirst()
      sample.lossMask? += row.produced.dropFirst().map { $0 ? 1 : 0 }
      sample.segmentLengths?.append(row.tokens.count - 1)
    }
    let rest = sequenceLength - sample.tokens.count
    if rest > 0 {
      sample.tokens += Array(repeating: pad, count: rest)
      sample.targets += Array(repeating: pad, count: rest)
      sample.lossMask? += Array(repeating: 0, count: rest)
      sample.segmentLengths?.append(rest)
    }
    return sample
  }
}
