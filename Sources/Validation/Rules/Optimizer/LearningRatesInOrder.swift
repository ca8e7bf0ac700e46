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
/// - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.__init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LearningRatesInOrder: Rule {
  static let code: DiagnosticCode = "OPT-09"
  static let title = "learning rates are given and in order"
  static let errorsDependOn: PlanAspects = []

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
