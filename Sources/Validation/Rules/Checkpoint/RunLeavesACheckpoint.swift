import Diagnostics
import LaunchModel

/// # CKPT-17: a run leaves a checkpoint
///
/// ## What
/// A run on data has a directory in `checkpoint.save`.
///
/// ## Why
/// Without one nothing is ever saved: not at an interval, not at the end, and not when a job's time is up. What was learned
/// is gone with the processes.
///
/// ## Example
/// ```yaml
/// dataset: {kind: indexed, data_paths: [/data/pile]}
/// checkpoint: {save: null}
/// ```
///
/// ## Fix
/// A directory. Mock data, which nobody learns from, and runs that only evaluate are not asked for one.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/train.py`, `checkpoint_and_decide_exit`, and `training/pretrain.py`, line 158.
/// - 0.5.1: megatron-bridge 0.5.1 `training/train.py`, the same and line 737.
/// - 0.6.2: megatron-bridge 0.6.2 `training/train.py`, the same and line 752.
enum RunLeavesACheckpoint: Rule {
  static let code: DiagnosticCode = "CKPT-17"
  static let title = "a run leaves a checkpoint"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let config = run.config
    guard config.checkpoint.save == nil, config.dataset.kind != .mock, !evaluatesOnly(config) else { return }
    report.warning(
      at: Path.checkpoint.save, "`save` is null: nothing that the run learns is ever saved", help: "a directory",
      related: [(Path.dataset.kind, "data to learn from")])
  }

  /// The switch stood in `train` before validation had a section of its own.
  private static func evaluatesOnly(_ config: LaunchConfig) -> Bool {
    config.train.isOn("skip_train") || config.validation.isOn("skip_train")
  }
}
