/// The proof that no split precedes the best one, or a better one: depth-first over all splits in their order, leaving out
/// those that cannot precede the best one so far.
struct BalanceProof {
  /// How many chunks are placed, or looked at for the last round, before the search gives up.
  private static let mostSteps = 1_000_000

  private let problem: BalanceProblem
  private let search: SearchedBalance
  private let costSums: [Double]
  private let activationSums: [Double]
  private let evenness: Evenness
  private let inFlight: [Double]
  /// The least penalty of the chunks from each on, for each first layer, whatever bounds the ranks have.
  private let leastPenalties: [[Int]]
  /// More than what sums of the same numbers in another order differ by.
  private let rounding: (load: Double, activations: Double)

  private(set) var best: [Int]
  private var bestMerit: SearchedBalance.Merit
  /// What a split has to keep to precede the best one: be faster, or as fast and lighter, or as light and more even.
  private var goals: [Goal] = []

  private var counts: [Int] = []
  private var loads: [Double]
  private var kept: [Double]
  /// What each rank bears before the last round, in which it takes one chunk.
  private var before: (loads: [Double], kept: [Double]) = ([], [])
  /// For each goal and rank the least layer at which the rank's chunk of the last round can start, so that it and those
  /// behind it hold all the rest; empty until asked for.
  private var starts: [[Int]] = []
  private(set) var steps = 0

  private struct Goal {
    /// Of every rank.
    let load: Double
    /// Of every rank, with its micro-batches in flight.
    let activations: Double
    /// Of the whole split, which has less.
    let penalty: Int
  }

  /// The greatest of the ranks, and the sum of the penalties, of the chunks placed so far.
  private struct Placed {
    var start = 0
    var load: Double
    var activations: Double
    var penalty = 0
  }

  init(_ problem: BalanceProblem, _ search: SearchedBalance, best: [Int]) {
    self.problem = problem
    self.search = search
    costSums = search.costSums
    activationSums = search.activationSums
    evenness = search.evenness
    inFlight = (0..<problem.pipeline).map { problem.inFlight(rank: $0) }
    let extras = (0..<problem.pipeline).map { problem.extra(ofRank: $0) }
    loads = extras.map(\.cost)
    kept = extras.map(\.activations)
    leastPenalties = Self.leastPenalties(problem, search.evenness)
    rounding = (
      (loads.reduce(0, +) + (search.costSums.last ?? 0)) * 1e-12,
      (kept.reduce(0, +) + (search.activationSums.last ?? 0)) * 1e-12 * Double(problem.chunks)
    )
    self.best = best
    bestMerit = search.merit(best)
    setGoals()
  }

  var isComplete: Bool { steps <= Self.mostSteps }

  mutating func run() {
    let peak = zip(kept, inFlight).map(*).max() ?? 0
    place(Placed(load: loads.max() ?? 0, activations: peak))
  }

  private static func leastPenalties(_ problem: BalanceProblem, _ evenness: Evenness) -> [[Int]] {
    let numLayers = problem.costs.count
    // For more layers than any model has it would take longer than the search; 0 leaves nothing out.
    guard problem.chunks * numLayers * numLayers <= 20_000_000 else {
      return [[Int]](repeating: [Int](repeating: 0, count: numLayers + 1), count: problem.chunks + 1)
    }
    var next = [Int](repeating: Evenness.impossible, count: numLayers + 1)
    next[numLayers] = 0
    var least = [next]
    for chunk in (0..<problem.chunks).reversed() {
      var own = [Int](repeating: Evenness.impossible, count: numLayers + 1)
      for start in 0...numLayers {
        var end = start + problem.minimum
        while end <= numLayers {
          let penalty = evenness.penalty(chunk, start..<end)
          if penalty >= own[start] { break }
          own[start] = min(own[start], penalty + next[end])
          end += 1
        }
      }
      least.append(own)
      next = own
    }
    return least.reversed()
  }

  private mutating func setGoals() {
    let slack = 1 + BalanceProblem.tolerance
    let (load, peak) = (bestMerit.load, bestMerit.activations)
    goals = [
      Goal(load: load > 0 ? load / slack + rounding.load : -1, activations: .infinity, penalty: .max),
      Goal(
        load: peak > 0 ? load * slack + rounding.load : -1, activations: peak / slack + rounding.activations,
        penalty: .max),
      Goal(
        load: load * slack + rounding.load, activations: peak * slack + rounding.activations,
        penalty: bestMerit.penalty),
    ]
    starts = [[], [], []]
  }

  /// Chooses the next chunk's layers; recursion is as deep as there are chunks.
  private mutating func place(_ placed: Placed) {
    let numLayers = problem.costs.count
    let chunk = counts.count
    if chunk == problem.chunks {
      let merit = search.merit(counts)
      if SearchedBalance.Merit.precedes(merit, bestMerit) {
        (best, bestMerit) = (counts, merit)
        setGoals()
      }
      return
    }
    if chunk == problem.chunks - problem.pipeline {
      before = (loads, kept)
      starts = [[], [], []]
      // The third goal's bound is the loosest.
      guard firstStart(load: goals[2].load) <= placed.start else { return }
    }
    guard canReach(0, placed, chunk) || canReach(1, placed, chunk) || canReach(2, placed, chunk) else { return }
    let rank = chunk % problem.pipeline
    let start = placed.start
    let latest = numLayers - problem.minimum * (problem.chunks - chunk - 1)
    var end = chunk == problem.chunks - 1 ? numLayers : start + problem.minimum
    let (load, own) = (loads[rank], kept[rank])
    while end <= latest {
      steps += 1
      guard isComplete else { break }
      loads[rank] = load + costSums[end] - costSums[start]
      kept[rank] = own + activationSums[end] - activationSums[start]
      let next = Placed(
        start: end, load: max(placed.load, loads[rank]),
        activations: max(placed.activations, kept[rank] * inFlight[rank]),
        penalty: placed.penalty + evenness.penalty(chunk, start..<end))
      guard keeps(0, next) || keeps(1, next) || keeps(2, next) else { break }
      counts.append(end - start)
      place(next)
      counts.removeLast()
      end += 1
    }
    (loads[rank], kept[rank]) = (load, own)
  }

  private func keeps(_ goal: Int, _ placed: Placed) -> Bool {
    placed.load <= goals[goal].load && placed.activations <= goals[goal].activations
  }

  /// Whether the chunks that are not placed could keep a goal.
  private mutating func canReach(_ goal: Int, _ placed: Placed, _ chunk: Int) -> Bool {
    guard keeps(goal, placed), placed.penalty + leastPenalties[chunk][placed.start] < goals[goal].penalty else {
      return false
    }
    let rank = chunk - (problem.chunks - problem.pipeline)
    guard rank >= 0 else { return true }
    if starts[goal].isEmpty { starts[goal] = starts(goals[goal]) }
    return placed.start >= starts[goal][rank]
  }

  /// From the end, each rank takes what it can. That it may have to take a layer is left out: it only forbids more.
  private mutating func starts(_ goal: Goal) -> [Int] {
    steps += problem.pipeline
    var starts = before.loads.map { _ in 0 }
    var start = problem.costs.count
    for rank in starts.indices.reversed() {
      let end = start
      while start > 0, before.loads[rank] + costSums[end] - costSums[start - 1] <= goal.load,
        (before.kept[rank] + activationSums[end] - activationSums[start - 1]) * inFlight[rank] <= goal.activations
      {
        start -= 1
      }
      starts[rank] = start
    }
    return starts
  }

  /// The same for the first rank and a load alone.
  private mutating func firstStart(load: Double) -> Int {
    steps += problem.pipeline
    var start = problem.costs.count
    for rank in before.loads.indices.reversed() {
      let bound = costSums[start] + before.loads[rank] - load
      while start > 0, costSums[start - 1] >= bound { start -= 1 }
    }
    return start
  }
}
