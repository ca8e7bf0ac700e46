import Diagnostics
import LaunchModel

/// # OPT-11: the scheduler's weight decay replaces the optimizer's
///
/// ## What
/// `optimizer.weight_decay` has no effect: from the first step on the scheduler sets `start_weight_decay`, moving to
/// `end_weight_decay`.
///
/// ## Why
/// A weight decay that is changed here alone changes nothing. The documented Moonlight recipes write 0.1 in one place and
/// 0.033 in the other, so the run trains with 0.033; a config that keeps this pair is not told so again.
///
/// ## Example
/// ```yaml
/// optimizer: {weight_decay: 0.05}
/// scheduler: {start_weight_decay: 0.033, end_weight_decay: 0.033}
/// ```
///
/// ## Fix
/// Write the value that is meant in all three fields.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `step`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SchedulerSetsWeightDecay: Rule {
  static let code: DiagnosticCode = "OPT-11"
  static let title = "the scheduler's weight decay replaces the optimizer's"
  static let errorsDependOn: PlanAspects = []

  /// What megatron-bridge 0.3.1 `recipes/moonlight/moonlight_16b.py` writes for the optimizer and the scheduler.
  private static let documented = (optimizer: 0.1, scheduler: 0.033)

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let start = run.config.scheduler.startWeightDecay, let end = run.config.scheduler.endWeightDecay else {
      return
    }
    let decay = run.config.optimizer.weightDecay
    guard decay != start || decay != end, run.config.optimizer.isWritten(\.weightDecay),
      decay != documented.optimizer || start != documented.scheduler || end != documented.scheduler
    else { return }
    report.note(
      at: Path.optimizer.weightDecay,
      """
      `weight_decay` \(decay) has no effect: the scheduler sets \(start == end ? "\(start)" : "\(start) to \(end)") from \
      the first step on
      """,
      related: [
        (Path.scheduler.startWeightDecay, "\(start)"), (Path.scheduler.endWeightDecay, "\(end)"),
      ],
      fix: start == end ? .safe("write \(start) here as well", (Path.optimizer.weightDecay, .float(start))) : nil)
  }
}
