/// Balancing without virtual stages, for any costs: a chain cut into as many pieces as there are ranks.
struct ChainBalance: ExactBalance {
  private let problem: BalanceProblem
  private let costSums: [Double]
  private let activationSums: [Double]

  init(_ problem: BalanceProblem) {
    self.problem = problem
    costSums = problem.costs.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    activationSums = problem.activations.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
  }

  private var numLayers: Int { problem.costs.count }

  /// For each first layer, the end of the longest piece that keeps the bounds; before the start where none does.
  private func reach(_ chunk: Int, _ bounds: BalanceBounds) -> [Int] {
    let extra = problem.extra(ofChunk: chunk)
    let inFlight = problem.inFlight(rank: chunk)
    let fits = { (start: Int, end: Int) in
      costSums[end] - costSums[start] + extra.cost <= bounds.load
        && (activationSums[end] - activationSums[start] + extra.activations) * inFlight <= bounds.activations
    }
    var end = 0
    return (0...numLayers).map { start in
      end = max(end, start)
      guard fits(start, end) else { return -1 }
      while end < numLayers, fits(start, end + 1) { end += 1 }
      return end
    }
  }

  func canKeep(_ bounds: BalanceBounds) -> Bool {
    var isReachable = [Bool](repeating: false, count: numLayers + 1)
    isReachable[0] = true
    for chunk in 0..<problem.chunks {
      let reach = reach(chunk, bounds)
      var next = [Bool](repeating: false, count: numLayers + 1)
      // Reaches never shrink with the start, so every end is marked once.
      var marked = 0
      for start in 0...numLayers where isReachable[start] && reach[start] >= start + problem.minimum {
        for end in max(marked, start + problem.minimum)...max(marked, reach[start]) where end <= reach[start] {
          next[end] = true
        }
        marked = max(marked, reach[start])
      }
      isReachable = next
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
    for chunk in 0..<problem.chunks { reaches.append(reach(chunk, bounds)) }
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
