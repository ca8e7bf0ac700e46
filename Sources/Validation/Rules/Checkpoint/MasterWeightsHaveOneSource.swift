import Diagnostics
import LaunchModel

/// # CKPT-05: master weights come from the optimizer or from the model
///
/// ## What
/// `load_main_params_from_ckpt` needs `load_optim: false`.
///
/// ## Why
/// With the optimizer's states the master weights are loaded anyway.
///
/// ## Example
/// ```yaml
/// checkpoint: {load_main_params_from_ckpt: true}
/// ```
///
/// ## Fix
/// Set `load_optim` to false.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum MasterWeightsHaveOneSource: Rule {
  static let code: DiagnosticCode = "CKPT-05"
  static let title = "master weights come from the optimizer or from the model"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    guard checkpoint.loadMainParamsFromCkpt, checkpoint.loadOptim else { return }
    report.error(
      at: Path.checkpoint.loadMainParamsFromCkpt,
      "master weights are to come from the checkpoint's model, but the optimizer's states are loaded",
      related: [(Path.checkpoint.loadOptim, "on")],
      fix: .unsafe("do not load the optimizer", (Path.checkpoint.loadOptim, .bool(false))))
  }
}
