import ConfigDocument
import Diagnostics
import LaunchModel

/// # TOK-03: a Hugging Face tokenizer is named, and trusted where it brings code
///
/// ## What
/// `HuggingFaceTokenizer` needs `tokenizer_model`. Moonlight's and its relatives' are Python code beside the files: they
/// need `hf_tokenizer_kwargs: {trust_remote_code: true}`.
///
/// ## Why
/// transformers refuses to run code from a repository unasked; without a terminal it cannot ask.
///
/// ## Example
/// ```yaml
/// tokenizer: {tokenizer_type: HuggingFaceTokenizer, tokenizer_model: moonshotai/Moonlight-16B-A3B}
/// ```
///
/// ## Fix
/// Say that the code is trusted, if it is.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `tokenizers/megatron_tokenizer.py`, `from_pretrained`; transformers `AutoTokenizer`.
enum HuggingFaceTokenizerIsNamed: Rule {
  static let code: DiagnosticCode = "TOK-03"
  static let title = "a Hugging Face tokenizer is named, and trusted where it brings code"
  static let errorsDependOn: PlanAspects = []

  private static let families = ["moonshotai/", "moonlight-16b", "kimi-"]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let tokenizer = run.config.tokenizer
    guard tokenizer.tokenizerType == .huggingFace else { return }
    guard let model = tokenizer.tokenizerModel, !model.isEmpty else {
      report.error(
        at: Path.tokenizer.tokenizerModel, "a `HuggingFaceTokenizer` needs `tokenizer_model`: a name or a directory",
        help: "Moonlight's is moonshotai/Moonlight-16B-A3B",
        related: [(Path.tokenizer.tokenizerType, "HuggingFaceTokenizer")])
      return
    }
    let arguments = tokenizer.hfTokenizerKwargs ?? ConfigMapping()
    guard arguments["trust_remote_code"] != .bool(true) else { return }
    let name = model.lowercased()
    guard families.contains(where: { name.contains($0) })
    else { return }
    var trusting = arguments
    trusting["trust_remote_code"] = .bool(true)
    report.warning(
      at: Path.tokenizer.hfTokenizerKwargs,
      "the tokenizer of `\(model)` is code; transformers does not load it unasked",
      help: "`hf_tokenizer_kwargs: {trust_remote_code: true}`",
      related: [(Path.tokenizer.tokenizerModel, "brings code")],
      fix: .unsafe("trust it", (Path.tokenizer.hfTokenizerKwargs, .mapping(trusting))))
  }
}
