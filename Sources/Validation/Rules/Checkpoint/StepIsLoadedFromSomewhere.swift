import Diagnostics
import LaunchModel

/// # CKPT-03: a step is loaded from somewhere
///
/// ## What
/// `ckpt_step` needs `load`.
///
/// ## Why
/// It picks one of the checkpoints in that directory.
///
/// ## Example
/// ```yaml
/// checkpoint: {ckpt_step: 12000, load: null}
/// ```
///
/// ## Fix
/// Name the directory. It must exist on the cluster, which is not looked at here.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum StepIsLoadedFromSomewhere: Rule {
  static let code: DiagnosticCode = "CKPT-03"
  static let title = "a step is loaded from somewhere"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let step = run.config.checkpoint.ckptStep, run.config.checkpoint.load == nil else { return }
    report.error(
      at: Path.checkpoint.ckptStep, "step \(step) is to be loaded, but `load` is null",
      related: [(Path.checkpoint.load, "null")],
      fix: run.config.checkpoint.save.map { .unsafe("load from where it saves", (Path.checkpoint.load, .string($0))) })
  }
}
