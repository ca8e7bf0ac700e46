import ConfigDocument
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
/// megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`.
enum StepIsLoadedFromSomewhere: Rule {
  static let code: DiagnosticCode = "CKPT-03"
  static let title = "a step is loaded from somewhere"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let step = run.config.checkpoint.ckptStep, run.config.checkpoint.load == nil else { return }
    report.error(
      at: Path.checkpoint.ckptStep, "step \(step) is to be loaded, but `load` is null",
      related: [(Path.checkpoint.load, "null")],
      fix: run.config.checkpoint.save.map { .unsafe("load from where it saves", (Path.checkpoint.load, .string($0))) })
  }
}

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
/// megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`.
enum MasterWeightsHaveOneSource: Rule {
  static let code: DiagnosticCode = "CKPT-05"
  static let title = "master weights come from the optimizer or from the model"

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

/// # CKPT-06: optimizer states are fully reshardable one way
///
/// ## What
/// `dist_ckpt_optim_fully_reshardable` excludes `distrib_optim_fully_reshardable_mem_efficient`.
///
/// ## Why
/// Megatron-Bridge refuses the pair, though its message speaks of gloo.
///
/// ## Example
/// ```yaml
/// checkpoint: {dist_ckpt_optim_fully_reshardable: true, distrib_optim_fully_reshardable_mem_efficient: true}
/// ```
///
/// ## Fix
/// Switch the second off.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`.
enum ReshardableOneWay: Rule {
  static let code: DiagnosticCode = "CKPT-06"
  static let title = "optimizer states are fully reshardable one way"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    guard checkpoint.distCkptOptimFullyReshardable, checkpoint.distribOptimFullyReshardableMemEfficient else { return }
    report.error(
      at: Path.checkpoint.distribOptimFullyReshardableMemEfficient,
      "Megatron-Bridge 0.3.1 refuses this beside `dist_ckpt_optim_fully_reshardable`",
      related: [(Path.checkpoint.distCkptOptimFullyReshardable, "on")],
      fix: .unsafe("switch it off", (Path.checkpoint.distribOptimFullyReshardableMemEfficient, .bool(false))))
  }
}

/// # CKPT-07: passing checkpoints are global or local
///
/// ## What
/// `non_persistent_ckpt_type` is `global`, `local` or null.
///
/// ## Why
/// `in_memory`, which Megatron-Bridge's list names too, is not implemented: the first load of a checkpoint fails.
///
/// ## Example
/// ```yaml
/// checkpoint: {non_persistent_ckpt_type: in_memory}
/// ```
///
/// ## Fix
/// `local` needs the package nvidia_resiliency_ext.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/checkpointing.py`.
enum PassingCheckpointKind: Rule {
  static let code: DiagnosticCode = "CKPT-07"
  static let title = "passing checkpoints are global or local"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let kind = run.config.checkpoint.nonPersistentCkptType, kind != "global", kind != "local" else { return }
    report.warning(
      at: Path.checkpoint.nonPersistentCkptType,
      "`\(kind)` is no kind of passing checkpoint: a run starts with it, but cannot resume",
      help: "`global`, `local` or null",
      fix: .unsafe("write none", (Path.checkpoint.nonPersistentCkptType, .null)))
  }
}

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
/// megatron-bridge 0.3.1 `training/train.py`.
enum CheckpointsAreWritten: Rule {
  static let code: DiagnosticCode = "CKPT-08"
  static let title = "checkpoints are written while the run goes on"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    guard (checkpoint.saveInterval ?? 0) == 0, checkpoint.save != nil else { return }
    report.warning(
      at: Path.checkpoint.saveInterval,
      "`save_interval` is \(checkpoint.saveInterval.map(String.init) ?? "null"): nothing is saved before the end of the run",
      related: [(Path.checkpoint.save, "saves here")])
  }
}
