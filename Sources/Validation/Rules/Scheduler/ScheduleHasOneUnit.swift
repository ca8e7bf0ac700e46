import Diagnostics

/// # SCHED-02: a schedule is counted in steps or in samples
///
/// ## What
/// The fields of one unit (`lr_decay_iters`, `lr_warmup_iters`, `lr_wsd_decay_iters`) and of the other (`lr_decay_samples`,
/// `lr_warmup_samples`, `lr_wsd_decay_samples`) exclude each other.
///
/// ## Why
/// Megatron-Bridge computes all lengths in the unit of the run, and refuses a mixture.
///
/// ## Example
/// ```yaml
/// scheduler: {lr_decay_iters: 500000, lr_warmup_samples: 100000}
/// ```
///
/// ## Fix
/// Use the unit in which the length of the run is given.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum ScheduleHasOneUnit: Rule {
  static let code: DiagnosticCode = "SCHED-02"
  static let title = "a schedule is counted in steps or in samples"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let scheduler = run.config.scheduler
    guard scheduler.lrDecaySamples != nil || scheduler.lrWarmupSamples != 0 || scheduler.lrWSDDecaySamples != nil,
      scheduler.lrDecayIters != nil || scheduler.lrWarmupIters != 0 || scheduler.lrWSDDecayIters != nil
    else { return }
    let (steps, samples) = (ScheduleFields.inSteps(scheduler), ScheduleFields.inSamples(scheduler))
    let runIsInSamples = run.config.train.trainSamples != nil && run.config.train.trainIters == nil
    let (wrong, right) = runIsInSamples ? (steps, samples) : (samples, steps)
    guard let first = wrong.first else { return }
    report.error(
      at: first.path,
      """
      `\(name: first.path)` counts \(runIsInSamples ? "steps" : "samples"), but \
      \(names: right.map(\.path), separator: " and ") \
      \(right.count == 1 ? "counts" : "count") \(runIsInSamples ? "samples" : "steps")
      """,
      help: "the run is counted in \(runIsInSamples ? "samples" : "steps")",
      related: wrong.dropFirst().map { ($0.path, "as well") } + right.map { ($0.path, "\($0.value)") })
  }
}
