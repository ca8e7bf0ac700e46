import Diagnostics
import LaunchModel

/// # TRAIN-02: garbage is collected at an interval of at least 0
///
/// ## What
/// With `manual_gc`, `manual_gc_interval` must not be negative; 0 collects only around evaluations.
///
/// ## Why
/// Megatron-Bridge asserts it when training begins, after everything has been loaded.
///
/// ## Example
/// ```yaml
/// train: {manual_gc: true, manual_gc_interval: -1}
/// ```
///
/// ## Fix
/// Write 0, or switch `manual_gc` off.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/train.py`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum GarbageCollectionInterval: Rule {
  static let code: DiagnosticCode = "TRAIN-02"
  static let title = "garbage is collected at an interval of at least 0"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let interval = run.config.train.manualGCInterval
    guard interval < 0, run.config.train.manualGC else { return }
    report.error(
      at: Path.train.manualGCInterval, "`manual_gc_interval` is \(interval), but garbage is collected by hand",
      help: "0 collects only before and after evaluation", related: [(Path.train.manualGC, "on")],
      fix: .safe("make it 0", (Path.train.manualGCInterval, .int(0))))
  }
}
