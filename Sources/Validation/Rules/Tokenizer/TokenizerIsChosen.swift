import Diagnostics
import LaunchModel

/// # TOK-02: there is a tokenizer
///
/// ## What
/// `tokenizer.tokenizer_type` must not be null.
///
/// ## Why
/// Megatron-Bridge builds a tokenizer in every run, for the size of the vocabulary.
///
/// ## Example
/// ```yaml
/// tokenizer: {tokenizer_model: moonshotai/Moonlight-16B-A3B}   # no tokenizer_type
/// ```
///
/// ## Fix
/// `NullTokenizer` for data that are tokens already, `HuggingFaceTokenizer` for text.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/tokenizers/tokenizer.py`, `build_tokenizer`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum TokenizerIsChosen: Rule {
  static let code: DiagnosticCode = "TOK-02"
  static let title = "there is a tokenizer"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.tokenizer.tokenizerType == nil else { return }
    let kind = run.config.tokenizer.tokenizerModel == nil ? TokenizerKind.null : .huggingFace
    report.error(
      at: Path.tokenizer.tokenizerType, "`tokenizer_type` is not given",
      help: "`NullTokenizer` for data that are tokens already, `HuggingFaceTokenizer` for text",
      related: [(Path.tokenizer.tokenizerModel, "\(run.config.tokenizer.tokenizerModel ?? "null")")],
      fix: .unsafe("make it `\(kind.rawValue)`", (Path.tokenizer.tokenizerType, kind.configValue)))
  }
}
