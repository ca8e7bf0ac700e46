/// Balancing with virtual stages for any costs: from a good split, a search that prunes and counts its steps.
///
/// In general this problem is as hard as packing bins, so there may be no proof: then the split is the best one found.
struct SearchedBalance {
  private let problem: BalanceProblem
  /// Costs of the layers, summed up: the first `n` layers at `n`.
  let costSums: [Double]
  /// The same of their activations.
  let activationSums: [Double]
  let evenness: Evenness

  /// How many splits are weighed while improving the first one.
  private static let mostTrials = 40_000

  init(_ problem: BalanceProblem) {
    self.problem = problem
    costSums = problem.costSums
    activationSums = problem.activationSums
    evenness = Evenness(problem, bound: problem.costs.reduce(0, +) + problem.first.cost + problem.last.cost)
  }

  func solve() -> BalanceProblem.Solution {
    var search = BalanceProof(problem, self, best: firstSplit())
    search.run()
    return BalanceProblem.Solution(decoders: search.best, isProven: search.isComplete)
  }

  /// A split's merits, least is best.
  struct Merit {
    let load: Double
    let activations: Double
    let penalty: Int

    /// The order of the layout's rules 1 to 3; rule 4 is left to the order of the search.
    static func precedes(_ left: Merit, _ right: Merit) -> Bool {
      let slack = 1 + BalanceProblem.tolerance
      if left.load * slack < right.load { return true }
      if right.load * slack < left.load { return false }
      if left.activations * slack < right.activations { return true }
      if right.activations * slack < left.activations { return false }
      return left.penalty < right.penalty
    }
  }

  func merit(_ counts: [Int]) -> Merit {
    var loads = [Double](repeating: 0, count: problem.pipeline)
    var kept = loads
    var start = 0
    for (chunk, count) in counts.enumerated() {
      let extra = problem.extra(ofChunk: chunk)
      let cost = costSums[start + count] - costSums[start] + extra.cost
      loads[chunk % problem.pipeline] += cost
      kept[chunk % problem.pipeline] += activationSums[start + count] - activationSums[start] + extra.activations
      start += count
    }
    let peak = kept.enumerated().map { $1 * problem.inFlight(rank: $0) }.max() ?? 0
    return Merit(load: loads.max() ?? 0, activations: peak, penalty: evenness.penalty(counts))
  }

  /// What the search starts from; it stands where no other split precedes it.
  func firstSplit() -> [Int] { improve(start()) }

  /// Cuts where the sums come closest to equal chunks.
  private func start() -> [Int] {
    let total = problem.costs.reduce(0, +)
    var counts: [Int] = []
    var start = 0
    for chunk in 0..<problem.chunks {
      let isLast = chunk == problem.chunks - 1
      let target = total * Double(chunk + 1) / Double(problem.chunks)
      let latest = problem.costs.count - problem.minimum * (problem.chunks - chunk - 1)
      var end = isLast ? problem.costs.count : start + problem.minimum
      while !isLast, end < latest, abs(costSums[end + 1] - target) < abs(costSums[end] - target) { end += 1 }
      counts.append(end - start)
      start = end
    }
    return counts
  }

  /// Moves one layer's room from a chunk to another while that helps.
  private func improve(_ split: [Int]) -> [Int] {
    var counts = split
    var best = merit(counts)
    var trials = 0
    var improved = true
    while improved {
      improved = false
      for from in counts.indices where counts[from] > problem.minimum {
        for to in counts.indices where to != from && counts[from] > problem.minimum {
          trials += 1
          if trials > Self.mostTrials { return counts }
          counts[from] -= 1
          counts[to] += 1
          let trial = merit(counts)
          if Merit.precedes(trial, best) {
            best = trial
            improved = true
          } else {
            counts[from] += 1
            counts[to] -= 1
          }
        }
      }
    }
    return counts
  }
}
