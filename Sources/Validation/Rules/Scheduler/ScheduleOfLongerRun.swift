import Diagnostics
import LaunchModel
import Releases

/// # SCHED-13: the run that a schedule is cut from is longer
///
/// ## What
/// `scheduler.max_steps` is above 0, at least `train_iters`, and not for a run that is counted in samples.
///
/// ## Why
/// It says of how many steps the first ones are run: learning rate and weight decay follow the longer run's schedule, whatever
/// `lr_decay_iters` is.
///
/// ## Example
/// ```yaml
/// train: {train_iters: 1000}
/// scheduler: {max_steps: 500}
/// ```
///
/// ## Fix
/// Remove it, unless the run is a part of a longer one.
///
/// ## Source
/// - 0.6.2: megatron-bridge 0.6.2 `training/config.py`, `SchedulerConfig.finalize`, `_calculate_scheduler_steps`.
enum ScheduleOfLongerRun: Rule {
  static let code: DiagnosticCode = "SCHED-13"
  static let title = "the run that a schedule is cut from is longer"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (scheduler, train) = (run.config.scheduler, run.config.train)
    let path = FieldPath("scheduler", "max_steps")
    guard !scheduler.storage.carried.isEmpty, let steps = scheduler.integer(path.field) else { return }
    let fix = FieldFix.unsafe("remove it", (path, nil))
    if steps < 1 {
      report.error(at: path, "the schedule is of \(steps) steps; it must be above 0", help: "remove it", fix: fix)
    } else if let samples = train.trainSamples {
      report.error(
        at: path, "the schedule is counted in steps, the run in samples", help: "remove it",
        related: [(Path.train.trainSamples, "\(samples) samples")], fix: fix)
    } else if let length = train.trainIters, steps < length {
      report.error(
        at: path, "the schedule is of \(steps) steps, but the run has \(length)", help: "remove it",
        related: [(Path.train.trainIters, "\(length) steps")], fix: fix)
    }
  }
}
