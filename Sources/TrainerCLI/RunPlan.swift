import Estimation
import LaunchModel
import Topology
import Trainer
import Training
import Validation

/// What a run will be, before anything of it is done.
struct RunPlan: Sendable {
  let run: RunFacts
  let grid: RankGrid
  let derived: DerivedValues
  let steps: Int
  let globalBatchSize: Int
  let schedule: LearningRateSchedule
  let scheduleSteps: ScheduleSteps
  let evaluation: EvaluationPlan?
  let parameters: ParameterCount?
  let engine: EngineChoice
  /// Of the CPU engine; `nil` where another one trains.
  let support: FieldSupport?

  /// `nil` where the length of the run, its batch or its groups are not defined; rules report each of these.
  init?(_ run: RunFacts, engine: EngineKind?, host: HostMachine) {
    let config = run.config
    guard let grid = run.grid, let derived = DerivedValues(run), let steps = config.train.trainSteps,
      let batch = config.train.globalBatchSize, let scheduleSteps = ScheduleSteps(config),
      let settings = ScheduleSettings(config, scheduleSteps)
    else { return nil }
    self.run = run
    self.grid = grid
    self.derived = derived
    self.steps = steps
    globalBatchSize = batch
    self.scheduleSteps = scheduleSteps
    schedule = LearningRateSchedule(settings)
    evaluation = EvaluationPlan(config, dataParallelSize: derived.dataParallelSize)
    parameters = derived.paddedVocabSize.flatMap { ParameterCount(run.architecture, vocabSize: $0) }
    self.engine = EngineChoice(parameters, config, worldSize: run.worldSize, asked: engine, host: host)
    support = self.engine.kind == .cpu ? FieldSupport(config) : nil
  }

  var tokensPerStep: Double { Double(globalBatchSize) * Double(run.config.model.seqLength) }

  /// Steps, counted from 1, at which the learning rate does something.
  var tellingSteps: [(step: Int, what: String)] {
    let warmup = steps(inSamples: Int(scheduleSteps.warmup))
    let decay = steps(inSamples: scheduleSteps.decay)
    var points = [(1, "first")]
    if warmup > 1 { points += [(warmup / 2 + 1, "half of the warm-up"), (warmup + 1, "peak")] }
    if decay > warmup + 1 { points.append((warmup + (decay - warmup) / 2 + 1, "half of the decay")) }
    if decay < steps { points.append((decay + 1, "end of the decay")) }
    points.append((steps, "last"))
    var seen: Set<Int> = []
    return points.filter { $0.0 >= 1 && $0.0 <= steps && seen.insert($0.0).inserted }
      .sorted { $0.0 < $1.0 }.map { (step: $0.0, what: $0.1) }
  }

  /// The learning rate of a step, counted from 1: what Megatron's scheduler says after the steps before it.
  func learningRate(ofStep step: Int) -> Double {
    schedule.learningRate(samples(inSteps: step - 1))
  }

  private func samples(inSteps steps: Int) -> Int {
    if let rampUp = run.config.batchRampUp { return rampUp.samples(inSteps: steps) }
    let (samples, overflow) = steps.multipliedReportingOverflow(by: scheduleSteps.samplesPerStep)
    return overflow ? Int.max : samples
  }

  /// Whole steps that so many samples suffice for.
  private func steps(inSamples samples: Int) -> Int {
    guard let rampUp = run.config.batchRampUp else { return samples / max(scheduleSteps.samplesPerStep, 1) }
    // A step takes at least one sample, so the number lies between these.
    var (enough, tooMany) = (0, max(samples, 0) + 1)
    while tooMany - enough > 1 {
      let middle = enough + (tooMany - enough) / 2
      if rampUp.samples(inSteps: middle) <= samples { enough = middle } else { tooMany = middle }
    }
    return enough
  }
}
