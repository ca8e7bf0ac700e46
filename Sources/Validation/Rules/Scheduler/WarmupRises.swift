import Diagnostics
import LaunchModel

/// # SCHED-10: the warm-up rises
///
/// ## What
/// `lr_warmup_init` must not be above `lr`.
///
/// ## Why
/// Megatron asserts it when the scheduler is built.
///
/// ## Example
/// ```yaml
/// optimizer: {lr: 3.0e-4}
/// scheduler: {lr_warmup_init: 1.0e-3}
/// ```
///
/// ## Fix
/// 0 is usual.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.__init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum WarmupRises: Rule {
  static let code: DiagnosticCode = "SCHED-10"
  static let title = "the warm-up rises"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let start = run.config.scheduler.lrWarmupInit
    guard start > 0, let peak = run.config.optimizer.lr, start > peak, peak >= 0 else { return }
    report.error(
      at: Path.scheduler.lrWarmupInit, "the warm-up starts at \(start), above the learning rate of \(peak)",
      help: "at most \(peak)", related: [(Path.optimizer.lr, "\(peak)")],
      fix: .unsafe("start at 0", (Path.scheduler.lrWarmupInit, .float(0))))
  }
}
