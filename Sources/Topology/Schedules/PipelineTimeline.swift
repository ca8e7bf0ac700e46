/// What every stage's passes take, in any one unit of time.
package struct StageCosts: Hashable, Sendable {
  /// The forward pass of one micro-batch, for each stage in model order.
  package var forward: [Double]
  /// The backward pass of one micro-batch, for each stage in model order.
  package var backward: [Double]
  /// From the end of a pass to the moment its result is on another rank.
  package var pointToPoint: Double

  package init(forward: [Double], backward: [Double], pointToPoint: Double = 0) {
    self.forward = forward
    self.backward = backward
    self.pointToPoint = pointToPoint
  }
}

/// A step with the time it ran.
package struct TimelineEvent: Hashable, Sendable {
  package let start: Double
  package let end: Double
  private let narrowChunk: Int32
  private let narrowMicrobatch: Int32
  package let pass: ScheduleStep.Pass

  package var chunk: Int { Int(narrowChunk) }
  package var microbatch: Int { Int(narrowMicrobatch) }
  package var step: ScheduleStep { ScheduleStep(pass: pass, chunk: chunk, microbatch: microbatch) }

  init(_ step: ScheduleStep, start: Double, end: Double) {
    self.start = start
    self.end = end
    // A schedule has at most `PipelineSchedule.mostEvents` steps.
    narrowChunk = Int32(clamping: step.chunk)
    narrowMicrobatch = Int32(clamping: step.microbatch)
    pass = step.pass
  }
}

/// One training step of a pipeline, event by event.
///
/// Each rank runs its steps in the schedule's order, each as soon as the rank is free and the step's input is there: for a
/// forward pass the output of the stage before, for a backward pass the gradient from the stage behind. Sending takes
/// `pointToPoint` and keeps no rank busy. So costs that are small whole numbers give exact times.
package struct PipelineTimeline: Hashable, Sendable {
  package let schedule: PipelineSchedule
  /// For each rank its events in order of time.
  package let ranks: [[TimelineEvent]]
  /// From the start of the first pass to the end of the last.
  package let stepTime: Double
  /// How long each rank computes.
  package let busy: [Double]

  package init(schedule: PipelineSchedule, costs: StageCosts) throws(ScheduleError) {
    guard costs.forward.count == schedule.stages, costs.backward.count == schedule.stages else {
      throw .costCount(forward: costs.forward.count, backward: costs.backward.count, stages: schedule.stages)
    }
    for cost in costs.forward + costs.backward + [costs.pointToPoint]
    where !(cost >= 0 && cost <= StageWeights.largest) {
      throw .unusableCost(cost)
    }
    var simulation = Simulation(schedule: schedule, costs: costs)
    try simulation.run()
    self.schedule = schedule
    ranks = simulation.ranks
    stepTime = ranks.reduce(0) { max($0, $1.last?.end ?? 0) }
    busy = (0..<schedule.pipeline).map { rank in
      let once = stride(from: rank, to: schedule.stages, by: schedule.pipeline).reduce(0) {
        $0 + costs.forward[$1] + costs.backward[$1]
      }
      return once * Double(schedule.microbatches)
    }
  }

  /// The time of a step in which no rank ever waits and all have the same to do.
  package var idealTime: Double { busy.reduce(0, +) / Double(busy.count) }

  /// Time that ranks wait over time that they compute; `(p - 1) / (v m)` where all stages cost the same.
  package var bubbleFraction: Double { idealTime > 0 ? (stepTime - idealTime) / idealTime : 0 }
}

/// The state of a simulation: which steps have run, and when their results came to be.
private struct Simulation {
  let schedule: PipelineSchedule
  let costs: StageCosts
  var ranks: [[TimelineEvent]]
  private var forwardEnds: [Double]
  private var backwardEnds: [Double]

  private static let notYet = -1.0

  init(schedule: PipelineSchedule, costs: StageCosts) {
    self.schedule = schedule
    self.costs = costs
    ranks = Array(repeating: [], count: schedule.pipeline)
    forwardEnds = Array(repeating: Self.notYet, count: schedule.stages * schedule.microbatches)
    backwardEnds = forwardEnds
  }

  /// Lets every rank run as far as it can, in turns, until all have run everything.
  mutating func run() throws(ScheduleError) {
    let steps = (0..<schedule.pipeline).map { schedule.steps(rank: $0) }
    for rank in ranks.indices { ranks[rank].reserveCapacity(steps[rank].count) }
    var remaining = steps.reduce(0) { $0 + $1.count }
    while remaining > 0 {
      let before = remaining
      for rank in ranks.indices {
        while ranks[rank].count < steps[rank].count, runNext(steps[rank][ranks[rank].count], on: rank) {
          remaining -= 1
        }
      }
      if remaining == before { throw .stalled }
    }
  }

  /// Runs a rank's next step, unless its input is not there yet.
  private mutating func runNext(_ step: ScheduleStep, on rank: Int) -> Bool {
    let stage = step.chunk * schedule.pipeline + rank
    let ready: Double
    switch step.pass {
    case .forward:
      ready = stage == 0 ? 0 : arrival(of: forwardEnds[index(stage - 1, step)])
    case .backward:
      let isLast = stage == schedule.stages - 1
      ready = isLast ? forwardEnds[index(stage, step)] : arrival(of: backwardEnds[index(stage + 1, step)])
    }
    guard ready != Self.notYet else { return false }
    let start = max(ready, ranks[rank].last?.end ?? 0)
    let end = start + (step.pass == .forward ? costs.forward[stage] : costs.backward[stage])
    switch step.pass {
    case .forward: forwardEnds[index(stage, step)] = end
    case .backward: backwardEnds[index(stage, step)] = end
    }
    ranks[rank].append(TimelineEvent(step, start: start, end: end))
    return true
  }

  private func index(_ stage: Int, _ step: ScheduleStep) -> Int { stage * schedule.microbatches + step.microbatch }

  /// When a neighbouring stage has a result. On a pipeline of one it is the same rank, which sends nothing.
  private func arrival(of end: Double) -> Double {
    end == Self.notYet || schedule.pipeline == 1 ? end : end + costs.pointToPoint
  }
}
