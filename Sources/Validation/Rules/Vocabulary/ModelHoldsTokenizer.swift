import Diagnostics
import LaunchModel

/// # VOCAB-01: the model has a row for every token
///
/// ## What
/// `model.vocab_size`, where it is written, must be at least the tokenizer's number of entries. With
/// `tokenizer.use_tokenizer_vocab_size` (0.6.2) it is passed over, and the model has as many rows as the tokenizer entries.
///
/// ## Why
/// A token without a row of the embedding cannot be looked up. Rows without a token do no harm.
///
/// ## Example
/// ```yaml
/// model: {vocab_size: 163840}
/// tokenizer: {tokenizer_type: NullTokenizer, vocab_size: 163842}
/// ```
///
/// ## Fix
/// Write the tokenizer's size, rounded up to a multiple of TP, or null to have it padded.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/setup.py`, `_validate_and_set_vocab_size`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum ModelHoldsTokenizer: Rule {
  static let code: DiagnosticCode = "VOCAB-01"
  static let title = "the model has a row for every token"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let tokenizer = run.config.tokenizer
    guard let rows = run.config.model.vocabSize, let entries = tokenizer.vocabSize, rows < entries,
      !tokenizer.isOn("use_tokenizer_vocab_size")
    else { return }
    let enough = Help.neighbours(of: entries, multipleOf: run.sizes.tensor).above
    report.error(
      at: Path.model.vocabSize,
      "the tokenizer has \(entries) entries, \(entries - rows) more than the model's vocab_size \(rows)",
      help: "\(enough) is enough and divides by TP \(run.sizes.tensor); null takes the tokenizer's size, padded",
      related: [
        (Path.tokenizer.vocabSize, "\(entries) entries"),
        (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"),
      ],
      fix: .unsafe("make it \(enough)", (Path.model.vocabSize, .int(enough))))
  }
}
