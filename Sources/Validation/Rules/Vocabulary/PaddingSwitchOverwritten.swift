import Diagnostics
import LaunchModel

/// # VOCAB-05: should_pad_vocab is overwritten
///
/// ## What
/// Megatron-Bridge pads a vocabulary that comes from the tokenizer, and never one that is written, whatever
/// `should_pad_vocab` says.
///
/// ## Why
/// The setting has no effect in training.
///
/// ## Example
/// ```yaml
/// model: {vocab_size: 163842, should_pad_vocab: true}   # stays 163842
/// ```
///
/// ## Fix
/// Write `vocab_size: null` to have it padded, or the padded number.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/setup.py`, `_validate_and_set_vocab_size`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum PaddingSwitchOverwritten: Rule {
  static let code: DiagnosticCode = "VOCAB-05"
  static let title = "should_pad_vocab is overwritten"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.shouldPadVocab, let rows = run.config.model.vocabSize else { return }
    report.note(
      at: Path.model.shouldPadVocab,
      "Megatron-Bridge sets should_pad_vocab to false, since vocab_size is written: the model has \(rows) rows",
      help: "write vocab_size null to have the tokenizer's size padded",
      related: [(Path.model.vocabSize, "\(rows) rows")])
  }
}
