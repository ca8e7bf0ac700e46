import Diagnostics
import LaunchModel

/// # SCHED-11: on resuming, one schedule wins
///
/// ## What
/// `override_opt_param_scheduler` (this file's schedule wins) and `use_checkpoint_opt_param_scheduler` (the checkpoint's
/// wins) exclude each other. With neither, resuming needs both to be the same.
///
/// ## Why
/// Megatron asserts it at start-up.
///
/// ## Example
/// ```yaml
/// extends: moonlight_16b_pretrain_config   # override_opt_param_scheduler: true
/// scheduler: {use_checkpoint_opt_param_scheduler: true}
/// ```
///
/// ## Fix
/// Switch one off.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum OneScheduleWins: Rule {
  static let code: DiagnosticCode = "SCHED-11"
  static let title = "on resuming, one schedule wins"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let scheduler = run.config.scheduler
    guard scheduler.useCheckpointOptParamScheduler, scheduler.overrideOptParamScheduler else { return }
    report.error(
      at: Path.scheduler.useCheckpointOptParamScheduler,
      "on resuming, both the checkpoint's schedule and this file's are to win",
      related: [(Path.scheduler.overrideOptParamScheduler, "this file's")],
      fix: .unsafe(
        "let the checkpoint's win", (Path.scheduler.overrideOptParamScheduler, .bool(false))))
  }
}
