/// How many micro-batches' activations a pipeline keeps at its peak, counted along the schedule.
///
/// A micro-batch is in flight on a chunk from the start of its forward pass to the end of its backward pass.
package struct ActivationsInFlight: Hashable, Sendable {
  /// For each rank the most activations of single chunks that it keeps at once; divided by the number of chunks these are
  /// the micro-batches of `microbatchesInFlight`.
  package let ranks: [Int]
  /// For each stage in model order the most micro-batches that it keeps at once.
  package let stages: [Int]
  /// For each rank the most memory that it keeps at once, in the unit of the weights.
  package let memory: [Double]

  /// - Parameter weights: what each stage keeps of one micro-batch, in model order; by default 1.
  package init(schedule: PipelineSchedule, weights: [Double]? = nil) throws(ScheduleError) {
    let weights = weights ?? [Double](repeating: 1, count: schedule.stages)
    guard weights.count == schedule.stages else {
      throw .costCount(forward: weights.count, backward: weights.count, stages: schedule.stages)
    }
    if let unusable = weights.first(where: { !($0 >= 0 && $0 <= StageWeights.largest) }) {
      throw .unusableCost(unusable)
    }
    var ranks = [Int](repeating: 0, count: schedule.pipeline)
    var stages = [Int](repeating: 0, count: schedule.stages)
    var memory = [Double](repeating: 0, count: schedule.pipeline)
    for rank in 0..<schedule.pipeline {
      var kept = [Int](repeating: 0, count: schedule.chunks)
      var count = 0
      for step in schedule.steps(rank: rank) {
        let change = step.pass == .forward ? 1 : -1
        kept[step.chunk] += change
        count += change
        let stage = step.chunk * schedule.pipeline + rank
        stages[stage] = max(stages[stage], kept[step.chunk])
        ranks[rank] = max(ranks[rank], count)
        let weighed = kept.indices.reduce(0) { $0 + Double(kept[$1]) * weights[$1 * schedule.pipeline + rank] }
        memory[rank] = max(memory[rank], weighed)
      }
    }
    self.ranks = ranks
    self.stages = stages
    self.memory = memory
  }
}
