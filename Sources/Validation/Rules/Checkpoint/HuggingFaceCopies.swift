import Diagnostics
import LaunchModel
import Releases

/// # CKPT-10: a Hugging Face copy beside each checkpoint
///
/// ## What
/// `checkpoint.also_save_hf_checkpoint` excludes `ckpt_format: fsdp_dtensor` and `non_persistent_ckpt_type: local`, and needs a
/// model to take configuration and tokenizer from: `checkpoint.hf_source_path`, `model.hf_model_id` or
/// `tokenizer.tokenizer_model`.
///
/// ## Why
/// The copy is a whole model folder, written from gathered weights.
///
/// ## Example
/// ```yaml
/// checkpoint: {also_save_hf_checkpoint: true}
/// tokenizer: {tokenizer_type: NullTokenizer, vocab_size: 163840}
/// ```
///
/// ## Fix
/// Set `checkpoint.hf_source_path`.
///
/// ## Source
/// - 0.6.2: megatron-bridge 0.6.2 `training/config.py`, `CheckpointConfig.finalize`, `_validate_hf_checkpoint_export_source`.
enum HuggingFaceCopies: Rule {
  static let code: DiagnosticCode = "CKPT-10"
  static let title = "a Hugging Face copy beside each checkpoint"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    let path = FieldPath("checkpoint", "also_save_hf_checkpoint")
    guard !checkpoint.storage.carried.isEmpty, checkpoint.isOn(path.field) else { return }
    let own: [RelatedField] = [(path, "on")]
    if checkpoint.ckptFormat == .fsdpDTensor {
      report.error(
        at: Path.checkpoint.ckptFormat, "no Hugging Face copy is written of `fsdp_dtensor`", related: own,
        fix: .unsafe("write no copy", (path, false)))
    }
    let kind = Path.checkpoint.nonPersistentCkptType
    if checkpoint.nonPersistentCkptType == "local" {
      report.error(
        at: kind, "no Hugging Face copy is written of local checkpoints", help: "`global` ones have one", related: own,
        fix: .unsafe("make them `global`", (kind, .string("global"))))
    }
    let source = FieldPath("checkpoint", "hf_source_path")
    let isNamed =
      [checkpoint.text(source.field), run.config.model.text("hf_model_id"), run.config.tokenizer.tokenizerModel]
      .contains { !($0 ?? "").isEmpty }
    guard !isNamed else { return }
    report.error(
      at: source, "a Hugging Face copy needs a model whose configuration and tokenizer it takes",
      help: "such as `moonshotai/Moonlight-16B-A3B`", related: own + [(Path.tokenizer.tokenizerModel, "null")],
      fix: .unsafe("write no copy", (path, false)))
  }
}
