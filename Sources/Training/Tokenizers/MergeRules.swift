/// Byte pairs that merge in the order of their rules, as the tokenizers library has them: each rule names two tokens, and
/// the token that they become need not have an id in that order.
struct MergeRules: Sendable {
  private struct Pair: Hashable {
    let left: Int32
    let right: Int32
  }

  private struct Rule {
    let rank: Int32
    let result: Int32
  }

  private let rules: [Pair: Rule]
  /// By byte.
  private let single: [Int32]

  /// - Parameters:
  ///   - merges: two tokens and what they become, the first rule first.
  ///   - single: the token of each byte.
  init(_ merges: [(left: Int32, right: Int32, result: Int32)], single: [Int32]) {
    var rules: [Pair: Rule] = [:]
    rules.reserveCapacity(merges.count)
    for (rank, merge) in merges.enumerated() {
      // Of a repeated rule the last counts, as in the library's map.
      rules[Pair(left: merge.left, right: merge.right)] = Rule(rank: Int32(rank), result: merge.result)
    }
    self.rules = rules
    self.single = single
  }

  private func rule(_ left: Int32, _ right: Int32) -> Rule? { rules[Pair(left: left, right: right)] }

  /// Appends the tokens of a piece: the first rule merges first, the leftmost pair first among equals.
  func encode(_ piece: some Collection<UInt8>, into tokens: inout [Int32]) {
    // Symbol i begins at byte i; next[i] is where the one behind it begins.
    var symbols = piece.map { single[Int($0)] }
    let count = symbols.count
    var next = Array(1...max(count, 1))
    var previous = Array(-1..<max(count, 1) - 1)
    var isDead = [Bool](repeating: false, count: count)
    var heap = BinaryHeap<Candidate>()
    func push(_ left: Int, _ right: Int) {
      guard left >= 0, right < count, let rule = rule(symbols[left], symbols[right]) else { return }
      heap.push(
        Candidate(
          rank: rule.rank, left: left, right: right, leftSymbol: symbols[left], rightSymbol: symbols[right],
          result: rule.result))
    }
    for index in 0..<max(count - 1, 0) { push(index, index + 1) }
    while let found = heap.pop() {
      // Stale unless both are still what they were.
      guard !isDead[found.left], !isDead[found.right], next[found.left] == found.right,
        symbols[found.left] == found.leftSymbol, symbols[found.right] == found.rightSymbol
      else { continue }
      symbols[found.left] = found.result
      isDead[found.right] = true
      next[found.left] = next[found.right]
      if next[found.left] < count { previous[next[found.left]] = found.left }
      push(previous[found.left], found.left)
      push(found.left, next[found.left])
    }
    for index in 0..<count where !isDead[index] { tokens.append(symbols[index]) }
  }
}

private struct Candidate: Comparable {
  let rank: Int32
  let left: Int
  let right: Int
  let leftSymbol: Int32
  let rightSymbol: Int32
  let result: Int32

  static func < (first: Candidate, second: Candidate) -> Bool {
    first.rank != second.rank ? first.rank < second.rank : first.left < second.left
  }
}
