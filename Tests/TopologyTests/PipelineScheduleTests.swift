import Testing

@testable import Topology

@Suite struct PipelineScheduleTests {
  /// As the fixture writes a rank's steps: `F0.0 F0.1 B0.0`.
  static func text(_ steps: [ScheduleStep]) -> String {
    steps.map { "\($0.pass == .forward ? "F" : "B")\($0.chunk).\($0.microbatch)" }.joined(separator: " ")
  }

  @Test func runsTheStepsInMegatronsOrder() throws {
    let rows = try fixture("schedules")
    #expect(rows.count > 300)
    for row in rows {
      let schedule = try? PipelineSchedule(
        pipeline: row.int(0)!, virtualPipeline: row.int(1), microbatches: row.int(2)!, groupSize: row.int(3))
      let order = schedule.map { schedule in (0..<schedule.pipeline).map { Self.text(schedule.steps(rank: $0)) } }
      #expect(order == row[4] as? [String], "\(row.prefix(4))")
    }
  }

  /// Pipeline, virtual pipeline, micro-batches, group size, and the error.
  @Test(
    arguments: [
      (4, 2, 6, nil, .groupRemainder(remainder: 2, groupSize: 4, pipeline: 4, microbatches: 6)),
      (4, 2, 16, 5, .groupRemainder(remainder: 1, groupSize: 5, pipeline: 4, microbatches: 16)),
      (4, 2, 3, nil, .groupOutOfRange(groupSize: 4, pipeline: 4, microbatches: 3)),
      (4, 2, 8, 3, .groupOutOfRange(groupSize: 3, pipeline: 4, microbatches: 8)),
      (1, 2, 8, nil, .virtualWithoutPipeline(virtualPipeline: 2)),
      (0, nil, 8, nil, .sizeNotPositive(.pipeline, 0)),
      (4, nil, 0, nil, .sizeNotPositive(.microbatches, 0)),
      (4, nil, .max, nil, .tooManyEvents(limit: 5_000_000)),
      (.max, .max, .max, nil, .tooManyEvents(limit: 5_000_000)),
      (4, nil, 700_000, nil, .tooManyEvents(limit: 5_000_000)),
    ] as [(Int, Int?, Int, Int?, ScheduleError)])
  func refuses(pipeline: Int, virtualPipeline: Int?, microbatches: Int, groupSize: Int?, error: ScheduleError) {
    #expect(throws: error) {
      try PipelineSchedule(
        pipeline: pipeline, virtualPipeline: virtualPipeline, microbatches: microbatches, groupSize: groupSize)
    }
  }

  @Test(arguments: [(4, 4), (6, 4), (7, 4), (16, 4), (5, 2)])
  func offersTheNearestNumbersThatItTakes(size: Int, pipeline: Int) {
    let groups = MicrobatchGroups(size: size, pipeline: pipeline)
    let taken = (1...80).filter { groups.problem(with: $0) == nil }
    for count in 1...60 {
      #expect(groups.most(upTo: count) == taken.last { $0 <= count })
      #expect(groups.fewest(from: count) == taken.first { $0 >= count })
    }
  }

  @Test func groupsSmallerThanThePipelineTakeNothing() {
    let groups = MicrobatchGroups(size: 3, pipeline: 4)
    #expect(groups.most(upTo: 12) == nil)
    #expect(groups.fewest(from: 12) == nil)
  }

  @Test(arguments: [(10, 6), (16, 4), (16, 16)])
  func acceptsOtherGroups(microbatches: Int, groupSize: Int) throws {
    _ = try PipelineSchedule(pipeline: 4, virtualPipeline: 2, microbatches: microbatches, groupSize: groupSize)
  }
}
