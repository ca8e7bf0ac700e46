import ConfigDocument
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
/// megatron-bridge 0.3.1 `training/tokenizers/utils.py`.
enum NullTokenizerHasSize: Rule {
  static let code: DiagnosticCode = "TOK-01"
  static let title = "a tokenizer without files says how many tokens there are"

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
/// megatron-bridge 0.3.1 `training/tokenizers/tokenizer.py`, `build_tokenizer`.
enum TokenizerIsChosen: Rule {
  static let code: DiagnosticCode = "TOK-02"
  static let title = "there is a tokenizer"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.tokenizer.tokenizerType == nil else { return }
    let kind = run.config.tokenizer.tokenizerModel == nil ? TokenizerKind.null : .huggingFace
    report.error(
      at: Path.tokenizer.tokenizerType, "`tokenizer_type` is not given",
      help: "`NullTokenizer` for data that are tokens already, `HuggingFaceTokenizer` for text",
      related: [(Path.tokenizer.tokenizerModel, run.config.tokenizer.tokenizerModel ?? "null")],
      fix: .unsafe("make it `\(kind.rawValue)`", (Path.tokenizer.tokenizerType, kind.configValue)))
  }
}

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
/// megatron-core 0.16.1 `tokenizers/megatron_tokenizer.py`, `from_pretrained`; transformers `AutoTokenizer`.
enum HuggingFaceTokenizerIsNamed: Rule {
  static let code: DiagnosticCode = "TOK-03"
  static let title = "a Hugging Face tokenizer is named, and trusted where it brings code"

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
/// megatron-bridge 0.3.1 `training/tokenizers/tokenizer.py`, `build_tokenizer`.
enum TokenizerHasFiles: Rule {
  static let code: DiagnosticCode = "TOK-04"
  static let title = "a tokenizer has its files"

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
      at: first, "a `\(kind.rawValue)` needs " + missing.map { "`\($0.field)`" }.joined(separator: " and "),
      related: missing.dropFirst().map { ($0, "not given either") } + [(Path.tokenizer.tokenizerType, kind.rawValue)])
  }
}

/// # TOK-05: bytes are tokens on the CPU engine only
///
/// ## What
/// `ByteLevelTokenizer` is built into the CPU engine of this package; Megatron does not know it.
///
/// ## Why
/// A config made for a smoke run here would end on a cluster when its tokenizer is built.
///
/// ## Example
/// ```yaml
/// cluster: {num_nodes: 1, gpus_per_node: 8}
/// tokenizer: {tokenizer_type: ByteLevelTokenizer}
/// ```
///
/// ## Fix
/// A tokenizer of the model's, or `NullTokenizer` for data that are tokens already.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/tokenizers/config.py`.
enum BytesAreForOneProcess: Rule {
  static let code: DiagnosticCode = "TOK-05"
  static let title = "bytes are tokens on the CPU engine only"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.worldSize > 1, run.config.tokenizer.tokenizerType == .byteLevel else { return }
    report.warning(
      at: Path.tokenizer.tokenizerType,
      "Megatron has no `ByteLevelTokenizer`; this config asks for \(run.worldSize) GPUs, but can only run on the CPU engine",
      related: [(Path.cluster.gpusPerNode, "\(run.worldSize) GPUs")])
  }
}
