/// Balancing without virtual stages, for any costs: a chain cut into as many pieces as there are ranks.
struct ChainBalance: ExactBalance {
  private let problem: BalanceProblem
  private let costSums: [Double]
  private let activationSums: [Double]

  init(_ problem: BalanceProblem) {
    self.problem = problem
    costSums = problem.costSums
    activationSums = problem.activationSums
  }

  private var numLayers: Int { problem.costs.count }

  /// The longest pieces of a chunk that keep the bounds, for one first layer after the other.
  private struct Reach {
    // Not the whole problem, which without optimisation would be copied at every look.
    private let costSums: [Double]
    private let activationSums: [Double]
    private let bounds: BalanceBounds
    private(set) var compared: ComparedWithBounds
    private let extra: BalanceProblem.ChunkExtra
    private let inFlight: Double
    private var end = 0

    init(_ balance: ChainBalance, _ chunk: Int, _ bounds: BalanceBounds, _ compared: ComparedWithBounds) {
      self.compared = compared
      costSums = balance.costSums
      activationSums = balance.activationSums
      self.bounds = bounds
      extra = balance.problem.extra(ofChunk: chunk)
      inFlight = balance.problem.inFlight(rank: chunk)
    }

    /// The end of the longest piece; before the start where none keeps the bounds.
    ///
    /// - Parameter start: none before the last one asked for.
    mutating func end(from start: Int) -> Int {
      end = max(end, start)
      guard fits(start, end) else { return -1 }
      while end + 1 < costSums.count, fits(start, end + 1) { end += 1 }
      return end
    }

    private mutating func fits(_ start: Int, _ end: Int) -> Bool {
      compared.fits(
        load: costSums[end] - costSums[start] + extra.cost,
        activations: (activationSums[end] - activationSums[start] + extra.activations) * inFlight, bounds)
    }
  }

  func canKeep(_ bounds: BalanceBounds, _ compared: inout ComparedWithBounds) -> Bool {
    var isReachable = [Bool](repeating: false, count: numLayers + 1)
    var next = isReachable
    isReachable[0] = true
    for chunk in 0..<problem.chunks {
      var reach = Reach(self, chunk, bounds, compared)
      for end in next.indices { next[end] = false }
      // Reaches never shrink with the start, so every end is marked once.
      var marked = 0
      for start in 0...numLayers {
        let furthest = reach.end(from: start)
        guard isReachable[start], furthest >= start + problem.minimum else { continue }
        for end in max(marked, start + problem.minimum)...max(marked, furthest) where end <= furthest {
          next[end] = true
        }
        marked = max(marked, furthest)
      }
      compared = reach.compared
      swap(&isReachable, &next)
    }
    return isReachable[numLayers]
  }

  func evenest(within bounds: BalanceBounds) -> [Int] {
    let evenness = Evenness(problem, bound: bounds.load)
    // least[chunk][start]: the least penalty of this and all later chunks when this one starts there.
    var least = [[Int]](
      repeating: [Int](repeating: Evenness.impossible, count: numLayers + 1), count: problem.chunks + 1)
    least[problem.chunks][numLayers] = 0
    var reaches: [[Int]] = []
    for chunk in 0..<problem.chunks {
      var reach = Reach(self, chunk, bounds, ComparedWithBounds())
      reaches.append((0...numLayers).map { reach.end(from: $0) })
    }
    for chunk in (0..<problem.chunks).reversed() {
      for start in 0...numLayers where reaches[chunk][start] >= start + problem.minimum {
        for end in start + problem.minimum...reaches[chunk][start] where least[chunk + 1][end] < Evenness.impossible {
          let penalty = evenness.penalty(chunk, start..<end) + least[chunk + 1][end]
          least[chunk][start] = min(least[chunk][start], penalty)
        }
      }
    }
    var counts: [Int] = []
    var start = 0
    for chunk in 0..<problem.chunks {
      let ends = start + problem.minimum...max(start + problem.minimum, reaches[chunk][start])
      let end = ends.first { end in
        end <= numLayers && least[chunk + 1][end] < Evenness.impossible
          && evenness.penalty(chunk, start..<end) + least[chunk + 1][end] == least[chunk][start]
      }
      counts.append((end ?? start) - start)
      start = end ?? start
    }
    return counts
  }
}
