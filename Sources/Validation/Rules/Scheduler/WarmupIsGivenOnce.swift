import Diagnostics
import LaunchModel

/// # SCHED-03: the warm-up is given once
///
/// ## What
/// `lr_warmup_fraction` excludes a non-zero `lr_warmup_iters` or `lr_warmup_samples`.
///
/// ## Why
/// Each says how long the warm-up is.
///
/// ## Example
/// ```yaml
/// extends: moonlight_16b_pretrain_config   # lr_warmup_iters: 2000
/// scheduler: {lr_warmup_fraction: 0.01}
/// ```
///
/// ## Fix
/// Set the other to 0.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum WarmupIsGivenOnce: Rule {
  static let code: DiagnosticCode = "SCHED-03"
  static let title = "the warm-up is given once"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let scheduler = run.config.scheduler
    guard let fraction = scheduler.lrWarmupFraction, scheduler.lrWarmupIters != 0 || scheduler.lrWarmupSamples != 0
    else { return }
    let inSteps = scheduler.lrWarmupIters != 0
    let other = inSteps ? Path.scheduler.lrWarmupIters : Path.scheduler.lrWarmupSamples
    report.error(
      at: Path.scheduler.lrWarmupFraction,
      "the warm-up is given as a share (\(fraction)) and as \(inSteps ? "\(scheduler.lrWarmupIters) steps" : "\(scheduler.lrWarmupSamples) samples")",
      related: [(other, "the other")], fix: .unsafe("keep the share", (other, .int(0))))
  }
}
