/// Balancing with virtual stages, for layers of one cost, or of two of which all of the one come first (dense layers
/// before MoE layers, as in every model of the DeepSeek family).
///
/// A rank's load depends only on how many layers of each kind it holds, not on which of its chunks holds them. What a
/// rank can hold of each kind depends only on the chunk in which the first kind ends: the ranks' chunks before it hold
/// the first kind, those behind it the second. So for each such chunk a small table over ranks and layers dealt so far is
/// exact.
struct ClassBalance: ExactBalance {
  let problem: BalanceProblem
  /// Layers of the first and of the second kind; one kind alone counts as the second.
  let numFirst: Int
  let numSecond: Int
  let firstKind: LayerKind
  let secondKind: LayerKind

  struct LayerKind: Hashable {
    let cost: Double
    let activations: Double
  }

  /// More layers of the first kind would make the tables slow.
  private static let mostOfFirst = 48

  /// `nil` where the layers are of other kinds, or in another order.
  init?(_ problem: BalanceProblem) {
    let kinds = zip(problem.costs, problem.activations).map { LayerKind(cost: $0, activations: $1) }
    let secondKind = kinds.last ?? LayerKind(cost: 0, activations: 0)
    let firstKind = kinds.first ?? secondKind
    let numFirst = firstKind == secondKind ? 0 : kinds.prefix { $0 == firstKind }.count
    guard kinds[numFirst...].allSatisfy({ $0 == secondKind }), numFirst <= Self.mostOfFirst else { return nil }
    self.problem = problem
    self.numFirst = numFirst
    self.numSecond = kinds.count - numFirst
    self.firstKind = firstKind
    self.secondKind = secondKind
  }

  // MARK: Bounds

  func canKeep(_ bounds: BalanceBounds, _ compared: inout ComparedWithBounds) -> Bool {
    let caps = capacities(bounds, &compared)
    if problem.minimum == 0 {
      // Any deal can be built: the first kind all in the first round of chunks, the second kind behind it.
      let free = (0..<problem.pipeline).map { _ in
        RankRoom(first: 0...numFirst, leastSecond: 0, mostSecond: numSecond)
      }
      return canDeal(free, caps)
    }
    return ends.contains { canDeal(rooms(end: $0), caps) }
  }

  /// The chunks in which the first kind can end; `nil` where there is no first kind.
  private var ends: [Int?] {
    if numFirst == 0 { return [nil] }
    return Array(0..<(problem.minimum == 0 ? problem.chunks : min(numFirst, problem.chunks)))
  }

  /// For each rank and each number of layers of the first kind, the most layers of the second that keep the bounds; -1
  /// where the first kind alone breaks them.
  private func capacities(_ bounds: BalanceBounds, _ compared: inout ComparedWithBounds) -> [[Int]] {
    (0..<problem.pipeline).map { rank in
      let extra = problem.extra(ofRank: rank)
      let inFlight = problem.inFlight(rank: rank)
      func fits(_ first: Int, _ second: Int) -> Bool {
        let kept =
          extra.activations + firstKind.activations * Double(first) + secondKind.activations * Double(second)
        return compared.fits(
          load: extra.cost + firstKind.cost * Double(first) + secondKind.cost * Double(second),
          activations: kept * inFlight, bounds)
      }
      return (0...numFirst).map { first in
        guard fits(first, 0) else { return -1 }
        var (low, high) = (0, numSecond)
        while low < high {
          let middle = (low + high + 1) / 2
          if fits(first, middle) { low = middle } else { high = middle - 1 }
        }
        return low
      }
    }
  }

  /// What a rank's chunks can hold, whatever it costs.
  struct RankRoom {
    let first: ClosedRange<Int>
    let leastSecond: Int
    let mostSecond: Int
  }

  private func rooms(end: Int?) -> [RankRoom] {
    (0..<problem.pipeline).map { rank in
      let chunks = chunkCounts(rank: rank, end: end)
      let least = chunks.before * problem.minimum + (chunks.holdsEnd ? 1 : 0)
      let most = chunks.before > 0 || chunks.holdsEnd ? numFirst : 0
      return RankRoom(
        first: least...max(least, most), leastSecond: chunks.behind * problem.minimum,
        mostSecond: chunks.behind > 0 || chunks.holdsEnd ? numSecond : 0)
    }
  }

  /// How many of a rank's chunks stand before and behind the one in which the first kind ends.
  func chunkCounts(rank: Int, end: Int?) -> (before: Int, holdsEnd: Bool, behind: Int) {
    guard let end else { return (0, false, problem.virtualPipeline) }
    let round = end / problem.pipeline
    let place = end % problem.pipeline
    let before = rank < place ? round + 1 : round
    let holdsEnd = rank == place
    return (before, holdsEnd, problem.virtualPipeline - before - (holdsEnd ? 1 : 0))
  }

  /// Whether all layers can be dealt. Second-kind layers of a rank may be any number between its least and its most, so
  /// it is enough to look at the greatest sum.
  private func canDeal(_ rooms: [RankRoom], _ caps: [[Int]]) -> Bool {
    guard rooms.reduce(0, { $0 + $1.leastSecond }) <= numSecond else { return false }
    // most[n]: the most second-kind layers that the ranks so far can take with n of the first kind; -1 for none.
    var most = [Int](repeating: -1, count: numFirst + 1)
    most[0] = 0
    for (room, cap) in zip(rooms, caps) {
      var next = [Int](repeating: -1, count: numFirst + 1)
      for dealt in 0...numFirst where most[dealt] >= 0 && room.first.lowerBound <= numFirst - dealt {
        for first in room.first.lowerBound...min(room.first.upperBound, numFirst - dealt) {
          let second = min(cap[first], room.mostSecond)
          if second >= room.leastSecond { next[dealt + first] = max(next[dealt + first], most[dealt] + second) }
        }
      }
      most = next
    }
    return most[numFirst] >= numSecond
  }

  // MARK: Evenness

  func evenest(within bounds: BalanceBounds) -> [Int] {
    var compared = ComparedWithBounds()
    let caps = capacities(bounds, &compared)
    let evenness = Evenness(problem, bound: bounds.load)
    var best: (penalty: Int, counts: [Int]) = (Evenness.impossible, [])
    for end in ends {
      let rooms = rooms(end: end)
      guard canDeal(rooms, caps) else { continue }
      let deal = ClassDeal(self, end: end, rooms: rooms, caps: caps, evenness: evenness)
      let penalty = deal.penalty
      if penalty < best.penalty || penalty == best.penalty && precedes(deal.counts(), best.counts) {
        best = (penalty, deal.counts())
      }
    }
    return best.counts
  }

  /// Whether the first ranks hold fewer layers.
  private func precedes(_ left: [Int], _ right: [Int]) -> Bool {
    problem.inRankOrder(left).lexicographicallyPrecedes(problem.inRankOrder(right))
  }
}

extension BalanceProblem {
  /// What the last tie is broken by: the layers of each rank, followed by those of each chunk, rank by rank.
  func inRankOrder(_ counts: [Int]) -> [Int] {
    let ranks = (0..<pipeline).map { rank in stride(from: rank, to: chunks, by: pipeline).map { counts[$0] } }
    return ranks.map { $0.reduce(0, +) } + ranks.flatMap { $0 }
  }
}
