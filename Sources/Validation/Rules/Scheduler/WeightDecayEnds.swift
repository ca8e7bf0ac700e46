import Diagnostics
import LaunchModel

/// # SCHED-06: both ends of the weight decay are given and in order
///
/// ## What
/// `start_weight_decay` and `end_weight_decay` must be numbers, with `0 <= start <= end`.
///
/// ## Why
/// Their defaults are `None`, which the scheduler cannot compare. A weight decay that falls is not supported.
///
/// ## Example
/// ```yaml
/// scheduler: {start_weight_decay: 0.1, end_weight_decay: 0.033}
/// ```
///
/// ## Fix
/// For a constant weight decay write the same number twice.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`; megatron-core 0.16.1
///   `optimizer_param_scheduler.py`.
/// - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
enum WeightDecayEnds: Rule {
  static let code: DiagnosticCode = "SCHED-06"
  static let title = "both ends of the weight decay are given and in order"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let scheduler = run.config.scheduler
    guard let start = scheduler.startWeightDecay, let end = scheduler.endWeightDecay else {
      let given = scheduler.startWeightDecay ?? scheduler.endWeightDecay ?? run.config.optimizer.weightDecay
      let missing = [
        (Path.scheduler.startWeightDecay, scheduler.startWeightDecay),
        (Path.scheduler.endWeightDecay, scheduler.endWeightDecay),
      ].filter { $0.1 == nil }.map(\.0)
      report.error(
        at: missing[0],
        """
        \(names: missing, separator: " and ") \(missing.count == 1 ? "is" : "are") not given; Megatron has no default \
        for the weight decay
        """,
        help: "\(given) for a constant weight decay",
        related: missing.dropFirst().map { ($0, "not given either") } + [
          (Path.optimizer.weightDecay, "\(run.config.optimizer.weightDecay), which the scheduler replaces")
        ],
        fix: FieldFix(
          title: "make it \(given)", applicability: .unsafe, changes: missing.map { (path: $0, value: .float(given)) }))
      return
    }
    guard start < 0 || end < start else { return }
    if start < 0 {
      report.error(at: Path.scheduler.startWeightDecay, "the weight decay starts at \(start), below 0")
    } else {
      report.error(
        at: Path.scheduler.endWeightDecay,
        "the weight decay would fall from \(start) to \(end); it can only rise or stay",
        related: [(Path.scheduler.startWeightDecay, "\(start)")],
        fix: .unsafe("keep it at \(start)", (Path.scheduler.endWeightDecay, .float(start))))
    }
  }
}
