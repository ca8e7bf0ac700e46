import Diagnostics
import LaunchModel

/// # PEFT-03: finetuning starts from weights
///
/// ## What
/// `recipe.mode` `sft` needs `checkpoint.pretrained_checkpoint` or `checkpoint.load`. With `load` alone the run starts from
/// random weights unless that directory holds a checkpoint.
///
/// ## Why
/// Megatron-Bridge's finetuning refuses to begin with neither. `load` is derived from the run's directory, which is empty
/// at first.
///
/// ## Example
/// ```yaml
/// recipe: {mode: sft}
/// checkpoint: {pretrained_checkpoint: null}
/// ```
///
/// ## Fix
/// Name the checkpoint to start from.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/finetune.py`, `finetune`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum FinetuningStartsFromWeights: Rule {
  static let code: DiagnosticCode = "PEFT-03"
  static let title = "finetuning starts from weights"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    guard checkpoint.pretrainedCheckpoint == nil, run.config.recipe.mode != .pretrain, !run.config.peft.isPresent
    else { return }
    let related: [RelatedField] = [(Path.recipe.mode, "\(run.config.recipe.mode.rawValue)")]
    guard let load = checkpoint.load else {
      report.error(
        at: Path.checkpoint.pretrainedCheckpoint,
        "finetuning needs weights: neither `pretrained_checkpoint` nor `load` is given",
        related: related + [(Path.checkpoint.load, "null")])
      return
    }
    guard !checkpoint.isWritten(\.load) else { return }
    report.warning(
      at: Path.checkpoint.pretrainedCheckpoint,
      "`pretrained_checkpoint` is not given: unless `\(load)` holds a checkpoint, finetuning starts from random weights",
      help: "on the command line: `--pretrained-checkpoint DIR`", related: related)
  }
}
