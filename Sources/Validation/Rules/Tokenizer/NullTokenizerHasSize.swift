import Diagnostics
import LaunchModel

/// # TOK-01: a tokenizer without files says how many tokens there are
///
/// ## What
/// `NullTokenizer` needs `vocab_size`; where it is not written it is the model's.
///
/// ## Why
/// Nobody else knows it.
///
/// ## Example
/// ```yaml
/// model: {vocab_size: null}
/// tokenizer: {tokenizer_type: NullTokenizer}
/// ```
///
/// ## Fix
/// Write `model.vocab_size`, or the tokenizer's.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/tokenizers/utils.py`.
enum NullTokenizerHasSize: Rule {
  static let code: DiagnosticCode = "TOK-01"
  static let title = "a tokenizer without files says how many tokens there are"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.tokenizer.tokenizerType == .null, run.config.tokenizer.vocabSize == nil else { return }
    let models = run.config.model.vocabSize
    report.error(
      at: Path.tokenizer.vocabSize, "a `NullTokenizer` needs `vocab_size`", help: models.map { "the model's is \($0)" },
      related: [
        (Path.tokenizer.tokenizerType, "NullTokenizer"), (Path.model.vocabSize, models.map { "\($0)" } ?? "null"),
      ],
      fix: models.map { .safe("take the model's", (Path.tokenizer.vocabSize, .int($0))) })
  }
}
