import ConfigDocument
import Diagnostics
import LaunchModel

/// # CKPT-16: a run that is started again goes on
///
/// ## What
/// A run that loads what it saves (`load` is `save`) goes on where it stopped only if the optimizer's states and the step are loaded:
/// with `finetune: true` it begins at step 0 with the weights alone, and with `load_optim: false` or `save_optim: false` Adam's or Muon's states are lost. Adapters
/// are not concerned by `finetune`: Megatron-Bridge sets it itself.
///
/// ## Why
/// Both are for the first start from other weights. A job that is requeued, or stopped by its time limit, would do its first steps
/// again each time, or jump in its loss, without a word.
///
/// ## Example
/// ```yaml
/// checkpoint: {save: /run/checkpoints, load: /run/checkpoints, finetune: true}
/// ```
///
/// ## Fix
/// Name the weights to begin with in `pretrained_checkpoint`, which is taken where `load` holds nothing yet, and leave the switch out.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/checkpointing.py`, `load_checkpoint` and `_load_checkpoint_from_path`.
/// - 0.6.2: megatron-bridge 0.6.2, the same; `training/setup.py`, `setup`.
enum RestartsGoOn: Rule {
  static let code: DiagnosticCode = "CKPT-16"
  static let title = "a run that is started again goes on"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    let beginsAnew = checkpoint.finetune && !run.config.peft.isPresent
    let keepsStates = checkpoint.loadOptim && checkpoint.saveOptim
    guard beginsAnew || !keepsStates, run.start == nil, let folder = checkpoint.save, checkpoint.load == folder
    else { return }
    let path =
      beginsAnew
      ? Path.checkpoint.finetune : checkpoint.loadOptim ? Path.checkpoint.saveOptim : Path.checkpoint.loadOptim
    report.warning(
      at: path,
      beginsAnew
        ? "a run that is started again loads what it saved, but the weights alone, and begins at step 0"
        : "a run that is started again loads what it saved, but not the optimizer's states",
      help: "leave it out; `\(Path.checkpoint.pretrainedCheckpoint)` names the weights of the first start",
      related: [(Path.checkpoint.load, "where it saves")],
      fix: .unsafe("let it go on", (path, .bool(!beginsAnew))))
  }
}
