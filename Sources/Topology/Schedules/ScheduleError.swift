/// Why a pipeline schedule cannot run, or not be simulated.
package enum ScheduleError: Error, Hashable, Sendable {
  case sizeNotPositive(SizeName, Int)
  case virtualWithoutPipeline(virtualPipeline: Int)
  /// `microbatch_group_size_per_vp_stage` must lie between the pipeline size and the number of micro-batches.
  case groupOutOfRange(groupSize: Int, pipeline: Int, microbatches: Int)
  /// The last group of micro-batches must be whole, or hold at least as many as the pipeline has ranks.
  case groupRemainder(remainder: Int, groupSize: Int, pipeline: Int, microbatches: Int)
  case tooManyEvents(limit: Int)
  /// There must be one forward and one backward cost a stage.
  case costCount(forward: Int, backward: Int, stages: Int)
  /// A cost that is negative, infinite or no number.
  case unusableCost(Double)
  /// Every rank waits for another; no schedule made here does.
  case stalled
}
