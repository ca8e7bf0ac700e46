import Diagnostics
import LaunchModel

/// # TOK-06: the null tokenizer reads numbers
///
/// ## What
/// `NullTokenizer` turns a text of integers between blanks into these integers. Examples for finetuning (`dataset.kind: sft`) need
/// a tokenizer; rows for pretraining (`jsonl`) may hold such numbers, which gets a note.
///
/// ## Why
/// It is for benchmarks, and for data that are tokens already. The first word that is no number ends the run, after everything has
/// been started.
///
/// ## Example
/// ```yaml
/// dataset: {kind: sft, data_paths: [/data/rows]}
/// tokenizer: {tokenizer_type: NullTokenizer, vocab_size: 163842}
/// ```
///
/// ## Fix
/// The model's own, with `tokenizer_type: HuggingFaceTokenizer` and `tokenizer_model`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `tokenizers/text/libraries/null_tokenizer.py`, `text_to_ids`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum NullTokenizerReadsNumbers: Rule {
  static let code: DiagnosticCode = "TOK-06"
  static let title = "the null tokenizer reads numbers"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (tokenizer, dataset) = (run.config.tokenizer, run.config.dataset)
    guard tokenizer.tokenizerType == .null, dataset.kind == .sft || dataset.kind == .jsonl, run.start == nil,
      !dataset.isSet("packed_train_data_path")
    else { return }
    let message: Message =
      "`NullTokenizer` reads numbers, not text: the first word of the data that is none ends the run"
    let help: Message = "the model's own: `HuggingFaceTokenizer` with `\(Path.tokenizer.tokenizerModel)`"
    let related: [RelatedField] = [(Path.dataset.kind, "rows of text")]
    if dataset.kind == .sft {
      report.warning(at: Path.tokenizer.tokenizerType, message, help: help, related: related)
    } else {
      report.note(at: Path.tokenizer.tokenizerType, message, help: help, related: related)
    }
  }
}
