import Diagnostics
import LaunchModel

/// # SCHED-14: the last phase of WSD is not longer than the decay
///
/// ## What
/// `lr_wsd_decay_iters` (or `lr_wsd_decay_samples`) is more than the decay of which it is the last phase.
///
/// ## Why
/// Every release takes it: the phase ends with the decay, so it begins before the run does, and from the first step behind
/// the warm-up on the learning rate is below `lr`.
///
/// ## Example
/// ```yaml
/// train: {train_iters: 1000}
/// scheduler: {lr_decay_style: WSD, lr_wsd_decay_iters: 10000}
/// ```
///
/// ## Fix
/// A tenth of the run is usual.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.get_lr`, where the phase begins at
///   `lr_decay_steps - wsd_decay_steps`, which nothing asks to be positive.
/// - 0.5.1: the same of megatron-core 0.18.2.
/// - 0.6.2: the same of megatron-core 0.19.2.
enum AnnealingFitsSchedule: Rule {
  static let code: DiagnosticCode = "SCHED-14"
  static let title = "the last phase of WSD is not longer than the decay"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.scheduler.lrDecayStyle == .warmupStableDecay, let steps = run.schedule,
      let annealing = steps.annealing, annealing > steps.decay
    else { return }
    let inSamples = run.config.train.trainSamples != nil
    let path = inSamples ? Path.scheduler.lrWSDDecaySamples : Path.scheduler.lrWSDDecayIters
    let (unit, noun) = inSamples ? (1, "samples") : (steps.samplesPerStep, "steps")
    let decay = steps.decay / unit
    let tenth = max(decay / 10, 1)
    report.warning(
      at: path,
      """
      the last phase is \(annealing / unit) \(noun), and the decay that it ends with \(decay): it begins before the run, \
      and the learning rate does not stay at `lr`
      """,
      help: "a tenth of the run would be \(tenth)",
      related: [(Path.scheduler.lrDecayStyle, "WSD")],
      fix: .unsafe("make it \(tenth)", (path, .int(tenth))))
  }
}
