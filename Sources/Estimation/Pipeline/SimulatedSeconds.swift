package import Topology

/// A step of a pipeline in seconds, event by event: the passes that ``PricedStep`` knows, in Megatron's order.
///
/// `estimate` and `plan` have a closed formula in place of the events: the busiest rank without a pause, and the others'
/// passes before its first and after its last.
package struct SimulatedSeconds: Sendable {
  package let costs: StageCosts
  package let timeline: PipelineTimeline
  /// What the closed formula makes of the same passes.
  package let estimated: StepTime

  /// - Parameters:
  ///   - step: of the same stages.
  ///   - schedule: the order of the passes.
  package init(_ step: PricedStep, of stages: StageMap, schedule: PipelineSchedule) throws {
    costs = step.costs(of: stages)
    timeline = try PipelineTimeline(schedule: schedule, costs: costs)
    estimated = step.time
  }

  /// All passes, with their waits.
  package var pipeline: Double { timeline.stepTime }
  /// The same with every rank busy all the time with an equal share.
  package var ideal: Double { timeline.idealTime }
  /// After the last pass: gradients that do not hide, and the optimizer.
  package var afterwards: Double { estimated.gradientTraffic + estimated.optimizer }
  package var total: Double { pipeline + afterwards }
}
