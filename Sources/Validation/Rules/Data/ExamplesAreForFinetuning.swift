import Diagnostics
import LaunchModel

/// # DATA-13: examples are for finetuning
///
/// ## What
/// `recipe.mode: pretrain` with `dataset.kind: sft`.
///
/// ## Why
/// It is accepted, and trains random weights on prompts and completions, with loss on the completions only.
///
/// ## Example
/// ```yaml
/// recipe: {mode: pretrain}
/// dataset: {kind: sft, data_paths: [chat.jsonl]}
/// ```
///
/// ## Fix
/// `mode: sft`, with `checkpoint.pretrained_checkpoint`; or text for pretraining.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/pretrain.py`, `training/finetune.py`.
enum ExamplesAreForFinetuning: Rule {
  static let code: DiagnosticCode = "DATA-13"
  static let title = "examples are for finetuning"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.recipe.mode == .pretrain, run.config.dataset.kind == .sft else { return }
    report.warning(
      at: Path.dataset.kind, "pretraining on examples: weights start at random and see completions only",
      help: "`mode: sft` starts from a checkpoint", related: [(Path.recipe.mode, "pretrain")],
      fix: .unsafe("finetune", (Path.recipe.mode, .string("sft"))))
  }
}
