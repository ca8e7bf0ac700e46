import Diagnostics
import LaunchModel

/// # CKPT-08: checkpoints are written while the run goes on
///
/// ## What
/// `save` is given, but `save_interval` is null or 0.
///
/// ## Why
/// The only checkpoint is then the one at the end; a run that is stopped before leaves nothing.
///
/// ## Example
/// ```yaml
/// checkpoint: {save: checkpoints, save_interval: null}
/// ```
///
/// ## Fix
/// An interval in steps.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/train.py`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum CheckpointsAreWritten: Rule {
  static let code: DiagnosticCode = "CKPT-08"
  static let title = "checkpoints are written while the run goes on"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    guard (checkpoint.saveInterval ?? 0) == 0, checkpoint.save != nil else { return }
    report.warning(
      at: Path.checkpoint.saveInterval,
      "`save_interval` is \(checkpoint.saveInterval.map(String.init) ?? "null"): nothing is saved before the end of the run",
      related: [(Path.checkpoint.save, "saves here")])
  }
}
