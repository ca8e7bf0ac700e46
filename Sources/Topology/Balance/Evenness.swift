/// The measure of evenness: the sum of the squares of the chunks' costs. Costs are rounded to a hundredth of the average
/// layer first, so that layers that hardly differ count as equal, and so that equal sums are equal.
struct Evenness {
  /// Rounded costs of the layers, summed up: the first `n` layers at `n`.
  let layerSums: [Int]
  private let first: Int
  private let last: Int
  private let chunks: Int
  private let unit: Double

  /// - Parameter bound: no layer and no chunk costs more. It keeps the squares small where the average layer is next to
  ///   nothing.
  init(_ problem: BalanceProblem, bound: Double) {
    let mean = problem.costs.reduce(0, +) / Double(max(1, problem.costs.count))
    let unit = max(mean / 100, bound / 1_048_576, .leastNormalMagnitude)
    self.unit = unit
    layerSums = problem.costs.reduce(into: [0]) { $0.append(($0.last ?? 0) + Self.rounded($1, unit)) }
    first = Self.rounded(problem.first.cost, unit)
    last = Self.rounded(problem.last.cost, unit)
    chunks = problem.chunks
  }

  /// At most 2^20 for what keeps the bound.
  func rounded(_ cost: Double) -> Int { Self.rounded(cost, unit) }

  private static func rounded(_ cost: Double, _ unit: Double) -> Int {
    Int(min(cost / unit, 2_097_152).rounded())
  }

  /// What a chunk bears besides layers, rounded.
  func extra(ofChunk chunk: Int) -> Int { (chunk == 0 ? first : 0) + (chunk == chunks - 1 ? last : 0) }

  /// The penalty of a chunk that holds these layers.
  func penalty(_ chunk: Int, _ layers: Range<Int>) -> Int {
    let cost = layerSums[layers.upperBound] - layerSums[layers.lowerBound] + extra(ofChunk: chunk)
    return cost * cost
  }

  /// The penalty of a whole split, by decoders of each chunk.
  func penalty(_ decoders: [Int]) -> Int {
    var start = 0
    return decoders.indices.reduce(0) { sum, chunk in
      defer { start += decoders[chunk] }
      return sum + penalty(chunk, start..<start + decoders[chunk])
    }
  }

  /// Greater than any sum of penalties within the bound, and twice it is still a number.
  static let impossible = Int.max / 4
}
