/// Why counts such as `8+7+7+6` are no layout.
public struct LayoutCountsError: Error, Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// A character where a number or a `+` should stand, or the end of the text where a number should.
    case malformed
    case numberTooLarge
    case tooManyStages
    /// The counts do not add up: `nearest` are the counts that would, closest first.
    case wrongSum(sum: Int, numLayers: Int, nearest: [ReadCounts])
    /// The sum fits only a reading in which the first or last stage would need a slot that it has not.
    case noSlot(CountsReading, nearest: [ReadCounts])
    /// `num_layers` is negative or beyond the limits.
    case numLayersOutOfRange(Int)
  }

  public let kind: Kind
  /// UTF-8 offsets in the text; the whole text where the numbers together are wrong.
  public let range: Range<Int>
}

extension PipelineLayout {
  /// Reads counts such as `14+13`: one number a stage, in Megatron's order, ASCII digits, blanks around `+` allowed.
  ///
  /// - Parameters:
  ///   - text: the counts.
  ///   - numLayers: decoder layers of the model.
  ///   - mtpNumLayers: MTP layers to put before the loss on the last stage; counts never include them.
  /// - Returns: the layout, and which of the three readings the sum allowed.
  public static func parse(
    counts text: String, numLayers: Int, mtpNumLayers: Int = 0
  ) throws(LayoutCountsError) -> (layout: PipelineLayout, reading: ReadCounts) {
    let counts = try countTerms(text)
    let whole = 0..<text.utf8.count
    guard (0...TopologyLimits.elements).contains(numLayers) else {
      throw LayoutCountsError(kind: .numLayersOutOfRange(numLayers), range: whole)
    }
    let sum = counts.reduce(0, +)
    let nearest = { nearestCounts(to: counts, sum: sum, numLayers: numLayers) }
    guard let reading = CountsReading.allCases.first(where: { numLayers + $0.extraSlots == sum }) else {
      throw LayoutCountsError(kind: .wrongSum(sum: sum, numLayers: numLayers, nearest: nearest()), range: whole)
    }
    guard let decoders = reading.decoders(in: counts) else {
      throw LayoutCountsError(kind: .noSlot(reading, nearest: nearest()), range: whole)
    }
    return (
      PipelineLayout(boundedDecoders: decoders, mtp: max(0, min(mtpNumLayers, TopologyLimits.elements))),
      ReadCounts(counts: counts, reading: reading)
    )
  }

  private static func countTerms(_ text: String) throws(LayoutCountsError) -> [Int] {
    var counts: [Int] = []
    var number: Int?
    var isComplete = false
    for (offset, byte) in text.utf8.enumerated() {
      let here = offset..<offset + 1
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard !isComplete else { throw LayoutCountsError(kind: .malformed, range: here) }
        let value = (number ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
        guard value <= TopologyLimits.elements else { throw LayoutCountsError(kind: .numberTooLarge, range: here) }
        number = value
      case UInt8(ascii: "+"):
        guard let term = number else { throw LayoutCountsError(kind: .malformed, range: here) }
        guard counts.count + 1 < TopologyLimits.stages else {
          throw LayoutCountsError(kind: .tooManyStages, range: here)
        }
        counts.append(term)
        number = nil
        isComplete = false
      case UInt8(ascii: " "):
        isComplete = number != nil
      default:
        throw LayoutCountsError(kind: .malformed, range: here)
      }
    }
    guard let term = number else {
      throw LayoutCountsError(kind: .malformed, range: text.utf8.count..<text.utf8.count)
    }
    return counts + [term]
  }

  /// For each reading the counts of the right sum that change the fewest layers, closest first.
  private static func nearestCounts(to counts: [Int], sum: Int, numLayers: Int) -> [ReadCounts] {
    CountsReading.allCases
      .sorted { abs(numLayers + $0.extraSlots - sum) < abs(numLayers + $1.extraSlots - sum) }
      .compactMap { reading in
        let moved = levelled(counts, to: numLayers + reading.extraSlots)
        return reading.decoders(in: moved) == nil ? nil : ReadCounts(counts: moved, reading: reading)
      }
  }

  /// Takes from the largest counts (the last of equals) or adds to the smallest (the first of equals) until the sum fits.
  private static func levelled(_ counts: [Int], to total: Int) -> [Int] {
    let sum = counts.reduce(0, +)
    let isLowering = sum > total
    // Lowering: the least level to cut at that keeps at least `total`. Raising: the greatest level to fill up to that
    // stays within `total`.
    let cut = { (level: Int) in counts.map { isLowering ? min($0, level) : max($0, level) } }
    var low = 0
    var high = max(total, counts.max() ?? 0)
    while low < high {
      let middle = isLowering ? (low + high) / 2 : (low + high + 1) / 2
      let reached = cut(middle).reduce(0, +)
      switch isLowering {
      case true: if reached >= total { high = middle } else { low = middle + 1 }
      case false: if reached <= total { low = middle } else { high = middle - 1 }
      }
    }
    var result = cut(low)
    var rest = abs(result.reduce(0, +) - total)
    let order = isLowering ? Array(result.indices.reversed()) : Array(result.indices)
    for index in order where rest > 0 && result[index] == low {
      result[index] += isLowering ? -1 : 1
      rest -= 1
    }
    return result
  }
}
