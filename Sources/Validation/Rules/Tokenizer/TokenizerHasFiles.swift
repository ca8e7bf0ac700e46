import Diagnostics
import LaunchModel

/// # TOK-04: a tokenizer has its files
///
/// ## What
/// Tiktoken and SentencePiece tokenizers need `tokenizer_model`. With `legacy_tokenizer`, a `TikTokenizer` also needs
/// `tiktoken_pattern` `v1` or `v2`, a `GPT2BPETokenizer` `vocab_file` and `merge_file`, and the BERT ones `vocab_file`.
///
/// ## Why
/// Megatron-Bridge asserts it when the tokenizer is built.
///
/// ## Example
/// ```yaml
/// tokenizer: {tokenizer_type: TikTokenizer}
/// ```
///
/// ## Fix
/// Name the file.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/tokenizers/tokenizer.py`, `build_tokenizer`.
enum TokenizerHasFiles: Rule {
  static let code: DiagnosticCode = "TOK-04"
  static let title = "a tokenizer has its files"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let tokenizer = run.config.tokenizer
    guard let kind = tokenizer.tokenizerType else { return }
    var missing: [FieldPath] = []
    switch kind {
    case .huggingFace, .null, .byteLevel, .multimodal: return
    case .tikToken, .sentencePiece, .gptSentencePiece, .llama2:
      if (tokenizer.tokenizerModel ?? "").isEmpty { missing.append(Path.tokenizer.tokenizerModel) }
    case .gpt2BPE, .bertCase, .bertLowerCase: break
    }
    if tokenizer.carried("legacy_tokenizer") == .bool(true) {
      switch kind {
      case .tikToken:
        let pattern = tokenizer.tiktokenPattern
        if pattern == nil { missing.append(Path.tokenizer.tiktokenPattern) }
        if let pattern, pattern != "v1", pattern != "v2" {
          report.error(
            at: Path.tokenizer.tiktokenPattern, "`\(pattern)` is no pattern of Megatron's", help: "`v1` or `v2`")
        }
      case .gpt2BPE:
        if tokenizer.vocabFile == nil { missing.append(Path.tokenizer.vocabFile) }
        if tokenizer.mergeFile == nil { missing.append(Path.tokenizer.mergeFile) }
      case .bertCase, .bertLowerCase:
        if tokenizer.vocabFile == nil { missing.append(Path.tokenizer.vocabFile) }
      default: break
      }
    }
    guard let first = missing.first else { return }
    report.error(
      at: first, "a `\(kind.rawValue)` needs \(names: missing, separator: " and ")",
      related: missing.dropFirst().map { ($0, "not given either") } + [
        (Path.tokenizer.tokenizerType, "\(kind.rawValue)")
      ])
  }
}
