import TestSupport
import Testing

@testable import Topology

/// The search for layers of any costs on virtual stages, against all splits looked at one after the other.
@Suite struct SearchedBalanceTests {
  enum Costs: CaseIterable {
    /// Many equal sums, and layers that cost nothing.
    case whole
    case twoAlternating
    case nearlyEqual
    case any

    func next(_ generator: inout SeededGenerator) -> Double {
      switch self {
      case .whole: Double(Int.random(in: 0...3, using: &generator))
      case .twoAlternating: Bool.random(using: &generator) ? 1 : 1.1
      case .nearlyEqual: Double.random(in: 0.9...1.1, using: &generator)
      case .any: Double.random(in: 0...3, using: &generator)
      }
    }
  }

  @Test(arguments: Costs.allCases, [0, 1])
  func theFirstOfTheBestSplitsIsFound(costs: Costs, minimum: Int) throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<15 {
      let problem = try problem(costs, minimum: minimum, &generator)
      let search = SearchedBalance(problem)
      let solution = search.solve()
      #expect(solution.isProven, "\(problem)")
      #expect(solution.decoders == firstBest(search, problem), "\(problem)")
    }
  }

  /// Every split in order, each in place of the best so far where it precedes it.
  private func firstBest(_ search: SearchedBalance, _ problem: BalanceProblem) -> [Int] {
    var best = search.firstSplit()
    let splits = BalanceOptimalityTests.splits(problem.costs.count, problem.chunks, minimum: problem.minimum)
    for split in splits where SearchedBalance.Merit.precedes(search.merit(split), search.merit(best)) {
      best = split
    }
    return best
  }

  private func problem(
    _ costs: Costs, minimum: Int, _ generator: inout SeededGenerator
  ) throws -> BalanceProblem {
    let (pipeline, virtualPipeline) = [(2, 2), (2, 3), (3, 2), (4, 2)].randomElement(using: &generator)!
    let most = pipeline * virtualPipeline == 8 ? 8 + 3 * minimum : 11
    let layers = Int.random(in: 8...most, using: &generator)
    let keepsAlike = Bool.random(using: &generator)
    let weights = StageWeights(
      layers: (0..<layers).map { _ in costs.next(&generator) }, embedding: costs.next(&generator),
      loss: costs.next(&generator) * Double(Int.random(in: 0...3, using: &generator)),
      layerActivations: (0..<layers).map { _ in keepsAlike ? 1 : costs.next(&generator) },
      lossActivations: costs.next(&generator))
    return try BalanceProblem(
      weights: weights, mtpNumLayers: Int.random(in: 0...1, using: &generator), pipeline: pipeline,
      virtualPipeline: virtualPipeline, minimum: minimum)
  }
}
