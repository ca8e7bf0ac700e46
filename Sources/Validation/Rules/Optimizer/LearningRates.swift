import ConfigDocument
import Diagnostics
import LaunchModel

/// # OPT-09: learning rates are given and in order
///
/// ## What
/// `lr` and `min_lr` must be numbers with `0 <= min_lr <= lr`. For no decay to a lower end `min_lr` is 0, not `null`.
///
/// ## Why
/// Nothing looks at them before the optimizer is built, with the model already in memory; then `None` or a wrong order
/// ends the run.
///
/// ## Example
/// ```yaml
/// optimizer: {lr: 3.0e-5, min_lr: 3.0e-4}
/// ```
///
/// ## Fix
/// Write both; `min_lr` is often a tenth of `lr`.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.__init__`.
enum LearningRatesInOrder: Rule {
  static let code: DiagnosticCode = "OPT-09"
  static let title = "learning rates are given and in order"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard let peak = optimizer.lr else {
      report.error(at: Path.optimizer.lr, "`lr` is not given; Megatron has no default for it")
      return
    }
    guard peak >= 0 else {
      report.error(at: Path.optimizer.lr, "`lr` is \(peak); a learning rate cannot be negative")
      return
    }
    guard let low = optimizer.minLR else {
      report.error(
        at: Path.optimizer.minLR, "`min_lr` is not given; Megatron compares it with `lr` and fails on null",
        help: "0 to decay to nothing", related: [(Path.optimizer.lr, "\(peak)")],
        fix: .unsafe("make it 0", (Path.optimizer.minLR, .float(0))))
      return
    }
    guard low < 0 || low > peak else { return }
    if low < 0 {
      report.error(
        at: Path.optimizer.minLR, "`min_lr` is \(low); it must be between 0 and `lr` \(peak)",
        related: [(Path.optimizer.lr, "\(peak)")], fix: .unsafe("make it 0", (Path.optimizer.minLR, .float(0))))
    } else {
      report.error(
        at: Path.optimizer.minLR, "`min_lr` \(low) is above `lr` \(peak), so the decay would rise",
        help: "at most \(peak)", related: [(Path.optimizer.lr, "the peak, \(peak)")],
        fix: .unsafe(
          "exchange the two", (Path.optimizer.minLR, .float(peak)), (Path.optimizer.lr, .float(low))))
    }
  }
}

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
/// megatron-core 0.16.1 `optimizer_param_scheduler.py`, `step`.
enum SchedulerSetsWeightDecay: Rule {
  static let code: DiagnosticCode = "OPT-11"
  static let title = "the scheduler's weight decay replaces the optimizer's"

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
