/// The evenest deal of two kinds of layers to the ranks when the first kind ends in a given chunk.
struct ClassDeal {
  private let balance: ClassBalance
  private let end: Int?
  private let rooms: [ClassBalance.RankRoom]
  private let caps: [[Int]]
  private let ranks: [RankDeal]
  /// least[rank][first * (numSecond + 1) + second]: the least penalty of this and all later ranks with so many layers.
  private var least: [[Int]]

  init(
    _ balance: ClassBalance, end: Int?, rooms: [ClassBalance.RankRoom], caps: [[Int]], evenness: Evenness
  ) {
    self.balance = balance
    self.end = end
    self.rooms = rooms
    self.caps = caps
    let pipeline = balance.problem.pipeline
    var shared: [RankDeal.Key: RankDeal] = [:]
    ranks = (0..<pipeline).map { rank in
      let most = caps[rank].max() ?? 0
      let key = RankDeal.Key(
        balance, rank: rank, end: end, most: max(0, min(most, rooms[rank].mostSecond)), evenness: evenness)
      if let known = shared[key] { return known }
      let deal = RankDeal(balance, key: key, evenness: evenness)
      shared[key] = deal
      return deal
    }
    let width = balance.numSecond + 1
    let size = (balance.numFirst + 1) * width
    least = Array(repeating: Array(repeating: Evenness.impossible, count: size), count: pipeline + 1)
    least[pipeline][0] = 0

    // Second-kind layers that the ranks from one on can take at least and at most, to skip what cannot be completed.
    var least2 = [0]
    var most2 = [0]
    for rank in (0..<pipeline).reversed() {
      least2.append((least2.last ?? 0) + rooms[rank].leastSecond)
      most2.append((most2.last ?? 0) + max(0, min(caps[rank].max() ?? 0, rooms[rank].mostSecond)))
    }
    least2.reverse()
    most2.reverse()
    for rank in (0..<pipeline).reversed() {
      let low = max(least2[rank], balance.numSecond - (most2[0] - most2[rank]))
      let high = min(most2[rank], balance.numSecond - (least2[0] - least2[rank]))
      guard low <= high else { continue }
      for first in 0...balance.numFirst {
        for second in low...high {
          least[rank][first * width + second] = bestShare(rank, first, second)?.penalty ?? Evenness.impossible
        }
      }
    }
  }

  /// The least penalty of a deal of all layers.
  var penalty: Int { least[0][balance.numFirst * (balance.numSecond + 1) + balance.numSecond] }

  /// The best share of a rank when it and all later ones have these layers left; of equals the one with the fewest.
  private func bestShare(_ rank: Int, _ first: Int, _ second: Int) -> (first: Int, second: Int, penalty: Int)? {
    let width = balance.numSecond + 1
    let room = rooms[rank]
    guard room.first.lowerBound <= first else { return nil }
    var best: (first: Int, second: Int, penalty: Int)?
    for ofFirst in room.first.lowerBound...min(room.first.upperBound, first) {
      let most = min(caps[rank][ofFirst], room.mostSecond, second)
      guard most >= room.leastSecond else { continue }
      for ofSecond in room.leastSecond...most {
        let later = least[rank + 1][(first - ofFirst) * width + second - ofSecond]
        guard later < Evenness.impossible else { continue }
        let own = ranks[rank].penalty(first: ofFirst, second: ofSecond)
        guard own < Evenness.impossible else { continue }
        if let best, (best.penalty, best.first + best.second) <= (own + later, ofFirst + ofSecond) { continue }
        best = (ofFirst, ofSecond, own + later)
      }
    }
    return best
  }

  /// Decoders of each chunk, in model order.
  func counts() -> [Int] {
    let problem = balance.problem
    var counts = [Int](repeating: 0, count: problem.chunks)
    var (first, second) = (balance.numFirst, balance.numSecond)
    for rank in 0..<problem.pipeline {
      guard let share = bestShare(rank, first, second) else { return counts }
      let chunks = ranks[rank].split(first: share.first, second: share.second)
      for (round, count) in chunks.enumerated() { counts[round * problem.pipeline + rank] = count }
      first -= share.first
      second -= share.second
    }
    return counts
  }
}

/// The evenest split of a rank's layers over its chunks, for every number of both kinds.
private struct RankDeal {
  /// What makes two ranks alike.
  struct Key: Hashable {
    let before: Int
    let holdsEnd: Bool
    let behind: Int
    /// What the rank's first and last chunk bear besides layers.
    let firstExtra: Int
    let lastExtra: Int
    /// The most layers of the second kind.
    let most: Int

    init(_ balance: ClassBalance, rank: Int, end: Int?, most: Int, evenness: Evenness) {
      let problem = balance.problem
      (before, holdsEnd, behind) = balance.chunkCounts(rank: rank, end: end)
      firstExtra = evenness.extra(ofChunk: rank)
      lastExtra = evenness.extra(ofChunk: problem.chunks - problem.pipeline + rank)
      self.most = most
    }
  }

  private let before: EvenSplit
  private let behind: EvenSplit
  /// What the chunk in which the first kind ends bears besides; `nil` where another rank has it.
  private let endBase: Int?
  private let units: (first: Int, second: Int)
  private let most: Int
  private var penalties: [Int] = []

  init(_ balance: ClassBalance, key: Key, evenness: Evenness) {
    most = key.most
    units = (evenness.rounded(balance.firstKind.cost), evenness.rounded(balance.secondKind.cost))
    let chunks = key.before + (key.holdsEnd ? 1 : 0) + key.behind
    var bases = [Int](repeating: 0, count: chunks)
    bases[0] += key.firstExtra
    bases[chunks - 1] += key.lastExtra
    let minimum = balance.problem.minimum
    before = EvenSplit(
      bases: Array(bases.prefix(key.before)), unit: units.first, minimum: minimum, most: balance.numFirst)
    behind = EvenSplit(bases: Array(bases.suffix(key.behind)), unit: units.second, minimum: minimum, most: key.most)
    endBase = key.holdsEnd ? bases[key.before] : nil
    for first in 0...balance.numFirst {
      for second in 0...key.most { penalties.append(endShare(first, second)?.penalty ?? Evenness.impossible) }
    }
  }

  func penalty(first: Int, second: Int) -> Int { penalties[first * (most + 1) + second] }

  /// Layers of each of the rank's chunks.
  func split(first: Int, second: Int) -> [Int] {
    guard let share = endShare(first, second) else { return [] }
    let ends = endBase == nil ? [] : [share.first + share.second]
    return before.split(first - share.first) + ends + behind.split(second - share.second)
  }

  /// How many layers of each kind the chunk in which the first kind ends takes; none where another rank has it.
  private func endShare(_ first: Int, _ second: Int) -> (first: Int, second: Int, penalty: Int)? {
    let around = { (ofFirst: Int, ofSecond: Int) -> Int? in
      let early = self.before.penalty(first - ofFirst)
      let late = self.behind.penalty(second - ofSecond)
      return early < Evenness.impossible && late < Evenness.impossible ? early + late : nil
    }
    guard let endBase else { return around(0, 0).map { (0, 0, $0) } }
    guard first > 0 else { return nil }
    var best: (first: Int, second: Int, penalty: Int)?
    for ofFirst in 1...first {
      for ofSecond in 0...second {
        guard let others = around(ofFirst, ofSecond) else { continue }
        let own = endBase + units.first * ofFirst + units.second * ofSecond
        if let best, best.penalty <= own * own + others { continue }
        best = (ofFirst, ofSecond, own * own + others)
      }
    }
    return best
  }
}
