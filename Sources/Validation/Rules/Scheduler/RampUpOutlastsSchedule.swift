import Diagnostics
import LaunchModel

/// # SCHED-01: a ramp-up shortens what the schedule sees
///
/// ## What
/// Megatron counts schedules in samples, each step as one full `global_batch_size`. The steps of a ramp-up take fewer, so
/// the run ends before the schedule does.
///
/// ## Why
/// The learning rate of the last step is above `min_lr`.
///
/// ## Example
/// ```yaml
/// train: {train_iters: 1000, global_batch_size: 2048, rampup_batch_size: [256, 256, 1000000]}
/// ```
///
/// ## Fix
/// More steps, or a shorter decay.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_calculate_scheduler_steps`; `training/train.py`.
enum RampUpOutlastsSchedule: Rule {
  static let code: DiagnosticCode = "SCHED-01"
  static let title = "a ramp-up shortens what the schedule sees"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let ramp = run.rampUp, let steps = run.schedule, let length = run.config.train.trainIters
    else { return }
    let seen = ramp.samples(inSteps: length)
    guard seen < steps.decay, run.config.scheduler.lrDecayStyle != .constant else { return }
    report.note(
      at: Path.train.rampupBatchSize,
      """
      the schedule is \(steps.decay) samples long, every step counted as \(ramp.target); with the ramp-up \(length) steps \
      take \(seen), so the last step's learning rate is above `min_lr`
      """,
      related: [(Path.train.trainIters, "\(length) steps"), (Path.train.globalBatchSize, "\(ramp.target)")])
  }
}
