import Diagnostics
import LaunchModel

/// # VOCAB-04: Moonlight's tokenizer has two entries more than the model has rows
///
/// ## What
/// The tokenizer of Moonlight-16B-A3B reports 163842 entries, the released checkpoint has 163840 rows. With the Hugging
/// Face tokenizer and `vocab_size: 163840` every release of Megatron-Bridge is expected to refuse the start.
///
/// ## Why
/// 163584 base tokens and 258 special ones make 163842. Megatron-Bridge's own finetuning recipes use 163842 for that
/// reason, 0.6.2 with TP 4 163844. The released weights fit such a model: Megatron's loader takes an embedding and a head
/// of other rows, and the two more than the checkpoint has, which no text uses, begin with zeros. A warning, since the
/// tokenizer's count comes from its published code and was not run here.
///
/// ## Example
/// ```yaml
/// model: {vocab_size: 163840}
/// tokenizer: {tokenizer_type: HuggingFaceTokenizer, tokenizer_model: moonshotai/Moonlight-16B-A3B}
/// ```
///
/// ## Fix
/// Write 163842, rounded up to a multiple of TP.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `recipes/moonlight/moonlight_16b.py`; `training/setup.py`,
///   `_validate_and_set_vocab_size`; megatron-core 0.16.1 `tensor_parallel/layers.py`, `VocabParallelEmbedding`, and
///   `models/common/language_module/language_module.py`, `sharded_state_dict` (`allow_shape_mismatch`).
/// - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-bridge 0.6.2 `recipes/moonlight/h100/moonlight_16b.py`, and megatron-core 0.19.2, the same.
enum MoonlightTokenizerHasMoreEntries: Rule {
  static let code: DiagnosticCode = "VOCAB-04"
  static let title = "Moonlight's tokenizer has two entries more than the model has rows"
  static let errorsDependOn: PlanAspects = []

  private static let entries = 163_842

  static func check(_ run: RunFacts, _ report: inout Report) {
    let tokenizer = run.config.tokenizer
    guard tokenizer.tokenizerType == .huggingFace, let rows = run.config.model.vocabSize, rows < entries,
      rows >= entries - 2, let name = tokenizer.tokenizerModel, name.bytes(behind: "Moonlight-16B-A3B") != nil
    else { return }
    let enough = Help.neighbours(of: entries, multipleOf: run.sizes.tensor).above
    report.warning(
      at: Path.model.vocabSize,
      """
      the tokenizer of \(name) reports \(entries) entries, \(entries - rows) more than vocab_size \(rows): \
      Megatron-Bridge refuses a model with fewer rows than its tokenizer has entries
      """,
      help: "write \(enough), a multiple of TP \(run.sizes.tensor)",
      related: [
        (Path.tokenizer.tokenizerModel, "\(entries) entries"),
        (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"),
      ],
      fix: .unsafe("make it \(enough)", (Path.model.vocabSize, .int(enough))))
  }
}
