import Diagnostics
import LaunchModel

/// # VOCAB-02: the vocabulary is padded
///
/// ## What
/// Without `model.vocab_size` Megatron-Bridge takes the tokenizer's number of entries, rounded up to a multiple of
/// `make_vocab_size_divisible_by` times TP.
///
/// ## Why
/// The embedding and the head then have rows that no token uses, and their number changes with TP: checkpoints of
/// another TP have other shapes.
///
/// ## Example
/// ```yaml
/// model: {vocab_size: null, make_vocab_size_divisible_by: 1280}
/// tokenizer: {vocab_size: 163842}   # 165120 rows with TP 1, 168960 with TP 4
/// ```
///
/// ## Fix
/// Write `vocab_size` to fix the number of rows.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `utils/vocab_utils.py`, `calculate_padded_vocab_size`.
/// - 0.5.1: megatron-bridge 0.5.1, the same, which is `training/vocab_utils.py` of Megatron-LM.
/// - 0.6.2: megatron-bridge 0.6.2, the same, which is `training/vocab_utils.py` of Megatron-LM.
enum VocabularyPadded: Rule {
  static let code: DiagnosticCode = "VOCAB-02"
  static let title = "the vocabulary is padded"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.vocabSize == nil, let entries = run.config.tokenizer.vocabSize,
      let padded = run.paddedVocabSize, padded != entries
    else { return }
    let divisor = run.config.model.makeVocabSizeDivisibleBy
    report.note(
      at: Path.model.vocabSize,
      """
      the tokenizer's \(entries) entries are padded to \(padded) rows, a multiple of make_vocab_size_divisible_by \
      \(divisor) x TP \(run.sizes.tensor)
      """,
      help: "write vocab_size to fix the number of rows",
      related: [
        (Path.model.makeVocabSizeDivisibleBy, "\(divisor)"), (Path.tokenizer.vocabSize, "\(entries) entries"),
        (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"),
      ])
  }
}
