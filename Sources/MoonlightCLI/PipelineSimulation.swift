import CommandSupport
import Estimation
import Reporting
import Topology

extension PipelineSubject {
  /// One training step of the pipeline.
  ///
  /// - Parameters:
  ///   - numMicrobatches: the config's if not given.
  ///   - backwardRatio: how many times a forward pass a backward pass takes.
  ///   - pointToPoint: time to send a result to the next rank, in the unit of the weights.
  ///   - assumptions: what the seconds of the step rest on; no seconds without.
  /// - Throws: `CommandFailure` where weights or micro-batches are unknown, or the schedule cannot run.
  func simulation(
    numMicrobatches: Int? = nil, backwardRatio: Double = 2, pointToPoint: Double = 0, assumptions: Assumptions? = nil
  ) throws -> SimulationReport {
    guard let weights else {
      throw CommandFailure(
        "nothing is known of what the layers cost: `moe_layer_freq` does not fit `num_layers`", status: .failure)
    }
    guard let microbatches = numMicrobatches ?? run.numMicrobatches else {
      throw CommandFailure(
        "the number of micro-batches is undefined: the global batch does not divide",
        help: "`moonlight validate` says more; `--num-microbatches` takes another number", status: .failure)
    }
    let simulate = { (map: StageMap) in
      try StepSimulation(
        of: map, weights: weights.weights, numMicrobatches: microbatches,
        groupSize: run.config.parallelism.microbatchGroupSizePerVPStage, backwardRatio: backwardRatio,
        pointToPoint: pointToPoint)
    }
    let simulation: StepSimulation
    do {
      simulation = try simulate(map)
    } catch let error as ScheduleError {
      throw CommandFailure("the schedule cannot run: \(error.message)", help: error.help, status: .failure)
    }
    return SimulationReport(
      map: map, reading: reading, simulation: simulation, weights: weights.weights, weightSource: weights.source,
      moeLayers: moeLayers, balanced: better(than: simulation, simulate),
      seconds: weights.source.isComputed && isRun
        ? assumptions.flatMap { seconds(simulation.schedule, $0) } : nil)
  }

  /// `nil` where the config says too little of its run.
  private func seconds(_ schedule: PipelineSchedule, _ assumptions: Assumptions) -> SimulatedSeconds? {
    run.pricedStep(of: map, numMicrobatches: schedule.microbatches, assumptions).flatMap {
      try? SimulatedSeconds($0, of: map, schedule: schedule)
    }
  }

  /// The balanced layout's step, where it is shorter.
  private func better(
    than simulation: StepSimulation, _ simulate: (StageMap) throws -> StepSimulation
  ) -> SimulationReport.Balanced? {
    guard let balanced = analysis?.balanced, let other = try? simulate(balanced.map),
      other.stepTime > 0, other.stepTime < simulation.stepTime * (1 - PipelineAnalysis.tolerance)
    else { return nil }
    return SimulationReport.Balanced(map: balanced.map, simulation: other)
  }
}
