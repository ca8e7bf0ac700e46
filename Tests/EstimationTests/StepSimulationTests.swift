import Estimation
import Testing
import Topology

@Suite struct StepSimulationTests {
  static func map(_ counts: [Int], _ pipeline: Int, _ virtualPipeline: Int? = nil) throws -> StageMap {
    let layout = try #require(PipelineLayout(decoders: counts))
    return try StageMap(
      numLayers: counts.reduce(0, +), pipeline: pipeline, virtualPipeline: virtualPipeline, split: .layout(layout))
  }

  static let shapes: [(pp: Int, vp: Int?)] = [2, 3, 4, 8, 16].flatMap { pp in [nil, 1, 2, 3, 4].map { (pp, $0) } }

  /// Also for weights and ratios that have no exact binary form in units of whole steps.
  @Test(arguments: shapes)
  func equalStagesHaveTheBubbleOfTheFormula(pp: Int, vp: Int?) throws {
    let chunks = pp * (vp ?? 1)
    let map = try Self.map([Int](repeating: 2, count: chunks), pp, vp)
    for rounds in [1, 2, 5] {
      for ratio in [1.0, 2, 3] {
        let simulation = try StepSimulation(
          of: map, weights: StageWeights(layers: [Double](repeating: 1, count: 2 * chunks)),
          numMicrobatches: pp * rounds,
          backwardRatio: ratio)
        #expect(simulation.bubbleFraction == Double(pp - 1) / Double((vp ?? 1) * pp * rounds))
        #expect(simulation.bubbleFraction == simulation.bubbleFormula)
        #expect(simulation.formulaHolds)
        #expect(simulation.imbalance == 1)
      }
    }
  }

  @Test func timesAreInTheUnitOfTheWeights() throws {
    let map = try Self.map([1, 1], 2)
    let simulation = try StepSimulation(
      of: map, weights: StageWeights(layers: [12, 12]), numMicrobatches: 4, backwardRatio: 2)
    #expect(simulation.idealTime == 48)
    #expect(simulation.stepTime == 60)
    #expect(simulation.slowdown == 1.25)
  }

  @Test func theFormulaHoldsOnlyWhereItDoes() throws {
    let equal = StageWeights(layers: [1, 1, 1, 1])
    let map = try Self.map([1, 1, 1, 1], 2, 2)
    #expect(try StepSimulation(of: map, weights: equal, numMicrobatches: 4).formulaHolds)
    #expect(try !StepSimulation(of: map, weights: equal, numMicrobatches: 4, pointToPoint: 0.1).formulaHolds)
    #expect(try !StepSimulation(of: map, weights: equal, numMicrobatches: 4, groupSize: 4).formulaHolds)
    #expect(
      try !StepSimulation(of: map, weights: StageWeights(layers: [1, 1, 1, 2]), numMicrobatches: 4).formulaHolds)
  }

  /// With the last stage the slowest it never waits once it has begun: the others' first pass and last gradient around
  /// its work.
  @Test func theSlowestStageSetsThePace() throws {
    let map = try Self.map([1, 1], 2)
    let simulation = try StepSimulation(
      of: map, weights: StageWeights(layers: [3, 3], loss: 6), numMicrobatches: 10)
    #expect(simulation.stepTime == 3 + 10 * 9)
    #expect(simulation.imbalance == 1.5)
    #expect(abs(simulation.slowdown - simulation.imbalance * simulation.waiting) < 1e-12)
  }

  @Test func sendingTakesItsTime() throws {
    let map = try Self.map([1, 1], 2)
    let weights = StageWeights(layers: [3, 3])
    // One micro-batch goes there and comes back.
    let sending = 0.5
    let simulation = try StepSimulation(of: map, weights: weights, numMicrobatches: 1, pointToPoint: sending)
    #expect(simulation.stepTime == 6 + 2 * sending)
  }

  @Test func inFlightFormulasHoldForEqualStages() throws {
    for (pp, vp) in [(4, nil), (4, 2), (8, 4), (2, 2)] as [(Int, Int?)] {
      let map = try Self.map([Int](repeating: 1, count: pp * (vp ?? 1)), pp, vp)
      let simulation = try StepSimulation(
        of: map, weights: StageWeights(layers: [Double](repeating: 1, count: pp * (vp ?? 1))), numMicrobatches: 8 * pp)
      for rank in 0..<pp {
        #expect(Double(simulation.inFlight.ranks[rank]) / Double(vp ?? 1) == simulation.inFlightFormula(rank: rank))
      }
    }
  }

  @Test func whatMegatronRefusesIsRefused() throws {
    let map = try Self.map([1, 1, 1, 1], 2, 2)
    #expect(throws: ScheduleError.self) {
      try StepSimulation(of: map, weights: StageWeights(layers: [1, 1, 1, 1]), numMicrobatches: 3)
    }
    #expect(throws: ScheduleError.tooManyEvents(limit: PipelineSchedule.mostEvents)) {
      try StepSimulation(of: map, weights: StageWeights(layers: [1, 1, 1, 1]), numMicrobatches: 1 << 40)
    }
  }
}
