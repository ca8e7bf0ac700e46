package import Topology

extension ScheduleError {
  /// Why the schedule cannot run.
  package var message: String {
    switch self {
    case .sizeNotPositive(let name, let value): "\(name.text) is \(value), but must be at least 1"
    case .virtualWithoutPipeline(let virtual):
      "\(SizeName.virtualPipeline.text) \(virtual) needs a \(SizeName.pipeline.text) above 1"
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

  /// What would run.
  package var help: String? {
    switch self {
    case .groupOutOfRange, .groupRemainder:
      "virtual stages need a number of micro-batches that `\(SizeName.pipeline.text)` divides"
    case .tooManyEvents: "simulate fewer with `--num-microbatches`; the bubble shrinks as 1/m"
    case .sizeNotPositive, .virtualWithoutPipeline, .costCount, .unusableCost, .stalled: nil
    }
  }
}
