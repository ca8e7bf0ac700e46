/// Why a pipeline schedule cannot run, or not be simulated.
package enum ScheduleError: Error, Hashable, Sendable {
  case sizeNotPositive(name: String, value: Int)
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

  /// The rule's stable code, where it is one of Megatron's.
  package var code: String? {
    switch self {
    case .sizeNotPositive: "GPU-09"
    case .virtualWithoutPipeline: "PIPE-03"
    case .groupOutOfRange, .groupRemainder: "PIPE-21"
    case .tooManyEvents, .costCount, .unusableCost, .stalled: nil
    }
  }
}

extension ScheduleError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .sizeNotPositive(let name, let value): "\(name) is \(value), but must be at least 1"
    case .virtualWithoutPipeline(let virtual):
      "virtual_pipeline_model_parallel_size \(virtual) needs a pipeline_model_parallel_size above 1"
    case .groupOutOfRange(let group, let pipeline, let microbatches):
      "micro-batch groups of \(group) are not between the pipeline size \(pipeline) and the \(microbatches) micro-batches"
    case .groupRemainder(let remainder, let group, let pipeline, let microbatches):
      "\(microbatches) micro-batches in groups of \(group) leave \(remainder), fewer than the pipeline size \(pipeline)"
    case .tooManyEvents(let limit): "the schedule has more than \(limit) steps"
    case .costCount(let forward, let backward, let stages):
      "\(forward) forward and \(backward) backward costs do not fit \(stages) stages"
    case .unusableCost(let cost): "a cost is \(cost), but must be a number from 0 up"
    case .stalled: "the schedule stalls"
    }
  }
}
