import Diagnostics
import LaunchModel

/// # SCHED-07: a constant weight decay ends where it starts
///
/// ## What
/// `weight_decay_incr_style: constant` needs `start_weight_decay` and `end_weight_decay` to be equal.
///
/// ## Why
/// Megatron asserts it when the scheduler is built, with the model in memory.
///
/// ## Example
/// ```yaml
/// scheduler: {start_weight_decay: 0.033, end_weight_decay: 0.1, weight_decay_incr_style: constant}
/// ```
///
/// ## Fix
/// Make them equal, or say `linear` or `cosine`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `get_wd`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ConstantWeightDecay: Rule {
  static let code: DiagnosticCode = "SCHED-07"
  static let title = "a constant weight decay ends where it starts"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let scheduler = run.config.scheduler
    guard let start = scheduler.startWeightDecay, let end = scheduler.endWeightDecay, start < end, start >= 0,
      scheduler.weightDecayIncrStyle == .constant
    else { return }
    report.error(
      at: Path.scheduler.weightDecayIncrStyle,
      "the weight decay is constant, but starts at \(start) and ends at \(end)",
      help: "`linear` or `cosine`, or one value for both",
      related: [(Path.scheduler.startWeightDecay, "\(start)"), (Path.scheduler.endWeightDecay, "\(end)")],
      fix: .unsafe("let it rise linearly", (Path.scheduler.weightDecayIncrStyle, .string("linear"))))
  }
}
