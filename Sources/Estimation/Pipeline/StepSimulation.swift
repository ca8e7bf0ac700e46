package import Topology

/// One training step of a pipeline, run event by event, in the unit of the weights.
///
/// A weight is what a part takes forward and backward for one micro-batch. Passes are simulated in units of the forward
/// pass, so that equal stages give the bubble of the closed formula to the last digit.
package struct StepSimulation: Sendable {
  package let timeline: PipelineTimeline
  package let inFlight: ActivationsInFlight
  package let load: PipelineLoad
  /// A backward pass takes so many times its forward pass.
  package let backwardRatio: Double
  /// From the end of a pass to its result on the next rank, in the unit of the weights.
  package let pointToPoint: Double

  /// - Parameters:
  ///   - numMicrobatches: of one step.
  ///   - groupSize: `microbatch_group_size_per_vp_stage`; `nil` is the pipeline size.
  package init(
    of map: StageMap, weights: StageWeights, numMicrobatches: Int, groupSize: Int? = nil, backwardRatio: Double = 2,
    pointToPoint: Double = 0
  ) throws {
    load = try PipelineLoad(of: map, weights: weights)
    let schedule = try PipelineSchedule(
      pipeline: map.pipeline, virtualPipeline: map.virtualPipeline, microbatches: numMicrobatches,
      groupSize: map.virtualPipeline == nil ? nil : groupSize)
    timeline = try PipelineTimeline(
      schedule: schedule,
      costs: StageCosts(
        forward: load.chunks, backward: load.chunks.map { $0 * backwardRatio },
        pointToPoint: pointToPoint * (1 + backwardRatio)))
    inFlight = try ActivationsInFlight(schedule: schedule)
    self.backwardRatio = backwardRatio
    self.pointToPoint = pointToPoint
  }

  package var schedule: PipelineSchedule { timeline.schedule }

  /// What a time of the timeline is in the unit of the weights.
  package func time(_ simulated: Double) -> Double { simulated / (1 + backwardRatio) }

  package var stepTime: Double { time(timeline.stepTime) }

  /// Every rank busy all the time with an equal share of the work.
  package var idealTime: Double { time(timeline.idealTime) }

  /// Waiting over computing.
  package var bubbleFraction: Double { timeline.bubbleFraction }

  /// Waiting as a share of the step.
  package var idleShare: Double {
    timeline.stepTime > 0 ? (timeline.stepTime - timeline.idealTime) / timeline.stepTime : 0
  }

  /// The step over the ideal one.
  package var slowdown: Double { timeline.idealTime > 0 ? timeline.stepTime / timeline.idealTime : 1 }

  /// The part of the slowdown that comes from the busiest rank having more than its share.
  package var imbalance: Double { load.efficiency > 0 ? 1 / load.efficiency : 1 }

  /// The part that comes from filling and draining the pipeline, and from sending.
  package var waiting: Double { slowdown / imbalance }

  /// `(p - 1) / (v m)`: the bubble of equal stages, whatever the schedule's order within a step.
  package var bubbleFormula: Double {
    Double(schedule.pipeline - 1) / (Double(schedule.chunks) * Double(schedule.microbatches))
  }

  /// Whether the closed formula speaks of this step: equal chunks, nothing sent, whole groups as large as the pipeline.
  package var formulaHolds: Bool {
    let isEqual = load.chunks.allSatisfy { $0 == load.chunks[0] }
    let isWhole =
      schedule.virtualPipeline == nil
      || schedule.groupSize == schedule.pipeline && schedule.microbatches % schedule.pipeline == 0
    return isEqual && isWhole && pointToPoint == 0 && load.maximum > 0
  }

  /// Micro-batches in flight on a rank, in units of all its chunks, as the closed formulas have them for enough
  /// micro-batches.
  package func inFlightFormula(rank: Int) -> Double {
    let formula = microbatchesInFlight(
      rank: rank, pipeline: schedule.pipeline, virtualPipeline: schedule.virtualPipeline ?? 1)
    return min(formula, Double(schedule.microbatches))
  }
}
