import Testing

@testable import Topology

@Suite struct PipelineTimelineTests {
  static func timeline(
    _ pipeline: Int, _ virtualPipeline: Int?, _ microbatches: Int, groupSize: Int? = nil, forward: Double = 1,
    backward: Double = 2, pointToPoint: Double = 0
  ) throws -> PipelineTimeline {
    let schedule = try PipelineSchedule(
      pipeline: pipeline, virtualPipeline: virtualPipeline, microbatches: microbatches, groupSize: groupSize)
    let costs = StageCosts(
      forward: [Double](repeating: forward, count: schedule.stages),
      backward: [Double](repeating: backward, count: schedule.stages), pointToPoint: pointToPoint)
    return try PipelineTimeline(schedule: schedule, costs: costs)
  }

  static let shapes: [(Int, Int?)] = [1, 2, 3, 4, 5, 8, 16].flatMap { pipeline -> [(Int, Int?)] in
    pipeline == 1 ? [(1, nil)] : [nil, 1, 2, 3, 4].map { (pipeline, $0) }
  }

  @Test(arguments: shapes)
  func hasTheBubbleOfTheFormulaToTheLastDigit(pipeline: Int, virtualPipeline: Int?) throws {
    for multiple in [1, 2, 3, 7, 16] {
      let microbatches = pipeline * multiple
      let timeline = try Self.timeline(pipeline, virtualPipeline, microbatches)
      let chunks = virtualPipeline ?? 1
      #expect(timeline.bubbleFraction == Double(pipeline - 1) / Double(chunks * microbatches))
      #expect(timeline.stepTime == Double(3 * (chunks * microbatches + pipeline - 1)))
      #expect(timeline.idealTime == Double(3 * chunks * microbatches))
    }
  }

  @Test(arguments: [(4, nil, 8, 0.375), (4, 2, 8, 0.1875), (8, nil, 32, 0.21875)] as [(Int, Int?, Int, Double)])
  func hasTheDocumentedBubble(pipeline: Int, virtualPipeline: Int?, microbatches: Int, bubble: Double) throws {
    #expect(try Self.timeline(pipeline, virtualPipeline, microbatches).bubbleFraction == bubble)
  }

  @Test(
    arguments: [
      (4, nil, 8, [4, 3, 2, 1]), (4, nil, 2, [2, 2, 2, 1]), (4, 2, 16, [5.5, 4.5, 3.5, 2.5]), (2, 2, 8, [2.5, 1.5]),
    ] as [(Int, Int?, Int, [Double])])
  func keepsTheActivationsOfTheFormula(
    pipeline: Int, virtualPipeline: Int?, microbatches: Int, inFlight: [Double]
  ) throws {
    let schedule = try PipelineSchedule(
      pipeline: pipeline, virtualPipeline: virtualPipeline, microbatches: microbatches)
    let kept = try ActivationsInFlight(schedule: schedule)
    #expect(kept.ranks.map { Double($0) / Double(schedule.chunks) } == inFlight)
    #expect(kept.memory == kept.ranks.map(Double.init))
  }

  @Test func weighsActivationsByStage() throws {
    let schedule = try PipelineSchedule(pipeline: 2, virtualPipeline: 2, microbatches: 4)
    let kept = try ActivationsInFlight(schedule: schedule, weights: [10, 1, 100, 1])
    // Rank 0 keeps at once 3 of its first chunk and 2 of its second, or 4 and 1.
    #expect(kept.stages[0] == 4)
    #expect(kept.memory[0] == 230)
  }

  @Test func everyScheduleThatMegatronAcceptsRunsToItsEnd() throws {
    for row in try fixture("schedules") where row[4] is [String] {
      let timeline = try Self.timeline(row.int(0)!, row.int(1), row.int(2)!, groupSize: row.int(3))
      try Self.checkConsistency(timeline, pointToPoint: 0)
    }
  }

  @Test(arguments: [(4, nil, 8), (4, 2, 8), (3, 3, 9), (1, nil, 3)] as [(Int, Int?, Int)])
  func waitsForWhatIsSent(pipeline: Int, virtualPipeline: Int?, microbatches: Int) throws {
    let timeline = try Self.timeline(pipeline, virtualPipeline, microbatches, pointToPoint: 0.5)
    try Self.checkConsistency(timeline, pointToPoint: pipeline == 1 ? 0 : 0.5)
    let without = try Self.timeline(pipeline, virtualPipeline, microbatches)
    #expect((timeline.stepTime > without.stepTime) == (pipeline > 1))
  }

  /// No rank does two things at once, and nothing runs before its input is there.
  static func checkConsistency(_ timeline: PipelineTimeline, pointToPoint: Double) throws {
    let schedule = timeline.schedule
    var ends: [ScheduleStep: [Int: Double]] = [:]
    for (rank, events) in timeline.ranks.enumerated() {
      for event in events { ends[event.step, default: [:]][rank] = event.end }
    }
    for (rank, events) in timeline.ranks.enumerated() {
      #expect(events.count == 2 * schedule.microbatches * schedule.chunks)
      var free = 0.0
      for event in events {
        let step = event.step
        let stage = step.chunk * schedule.pipeline + rank
        let isForward = step.pass == .forward
        var ready = 0.0
        let source = isForward ? stage - 1 : stage + 1
        if source >= 0, source < schedule.stages {
          let input = ScheduleStep(pass: step.pass, chunk: source / schedule.pipeline, microbatch: step.microbatch)
          ready = try #require(ends[input]?[source % schedule.pipeline]) + pointToPoint
        } else if !isForward {
          let own = ScheduleStep(pass: .forward, chunk: step.chunk, microbatch: step.microbatch)
          ready = try #require(ends[own]?[rank])
        }
        #expect(event.start == max(free, ready))
        #expect(event.end == event.start + (isForward ? 1 : 2))
        free = event.end
      }
    }
  }

  @Test func aSlowStageSetsThePace() throws {
    let schedule = try PipelineSchedule(pipeline: 4, microbatches: 100)
    let costs = StageCosts(forward: [1, 1, 1, 2], backward: [2, 2, 2, 4])
    let timeline = try PipelineTimeline(schedule: schedule, costs: costs)
    #expect(timeline.busy == [300, 300, 300, 600])
    // The last rank waits for three forward passes, and after it three backward passes remain.
    #expect(timeline.stepTime == 600 + 3 + 6)
    #expect(timeline.idealTime == 375)
  }

  @Test func refusesCostsOfOtherStages() throws {
    let schedule = try PipelineSchedule(pipeline: 2, microbatches: 2)
    #expect(throws: ScheduleError.costCount(forward: 1, backward: 2, stages: 2)) {
      try PipelineTimeline(schedule: schedule, costs: StageCosts(forward: [1], backward: [1, 1]))
    }
    #expect(throws: ScheduleError.unusableCost(-1)) {
      try PipelineTimeline(schedule: schedule, costs: StageCosts(forward: [1, -1], backward: [1, 1]))
    }
  }
}
