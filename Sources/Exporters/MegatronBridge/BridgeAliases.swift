import ConfigDocument
import LaunchModel

/// Fields that the constructors of a release's classes set from others, whatever is written: each is written where it
/// will be taken from.
enum BridgeAliases {
  /// - Parameters:
  ///   - tree: the object of an attribute; its entries are values that somebody has chosen, or defaults.
  ///   - isWritten: whether somebody has chosen the value of a field.
  static func settle(
    _ tree: inout ConfigMapping, of attribute: String, isWritten: (String) -> Bool, _ remarks: inout ExportRemarks
  ) {
    switch attribute {
    case "tokenizer": settleTokenizer(&tree, &remarks)
    case "mixed_precision": settlePrecision(&tree, isWritten)
    default: break
    }
  }

  // MARK: Tokenizer

  /// A field that `TokenizerConfig.__post_init__` sets from an argument of a loader (megatron-bridge 0.5.1 and 0.6.2,
  /// `training/tokenizers/config.py`).
  private struct LoaderArgument {
    let field: String
    let arguments: String
    let name: String
    let isOpposite: Bool
  }

  private static let loaderArguments = [
    LoaderArgument(
      field: "trust_remote_code", arguments: "hf_tokenizer_kwargs", name: "trust_remote_code", isOpposite: false),
    LoaderArgument(
      field: "tokenizer_hf_no_use_fast", arguments: "hf_tokenizer_kwargs", name: "use_fast", isOpposite: true),
    LoaderArgument(
      field: "tokenizer_hf_no_include_special_tokens", arguments: "hf_tokenizer_kwargs", name: "include_special_tokens",
      isOpposite: true),
    LoaderArgument(
      field: "tokenizer_sentencepiece_legacy", arguments: "sp_tokenizer_kwargs", name: "legacy", isOpposite: false),
  ]

  private static func settleTokenizer(_ tree: inout ConfigMapping, _ remarks: inout ExportRemarks) {
    for argument in loaderArguments {
      guard case .bool(let value)? = tree[argument.field] else { continue }
      var arguments = ConfigMapping()
      if case .mapping(let written)? = tree[argument.arguments] { arguments = written }
      arguments[argument.name] = .bool(value != argument.isOpposite)
      tree[argument.arguments] = .mapping(arguments)
    }
    if tree["pad_vocab_size"] == true {
      tree["pad_vocab_size"] = false
      remarks.note(
        FieldPath("tokenizer", "pad_vocab_size"), "exported as false: Megatron-Bridge pads the vocabulary itself")
    }
  }

  // MARK: Precision

  /// Two names of one value each; the constructor lets the second one win.
  private static let precisionAliases = [("fp8_param", "fp8_param_gather"), ("fp4_param", "fp4_param_gather")]

  private static func settlePrecision(_ tree: inout ConfigMapping, _ isWritten: (String) -> Bool) {
    for (name, alias) in precisionAliases where isWritten(name) && !isWritten(alias) {
      guard case .bool(let value)? = tree[name] else { continue }
      tree[alias] = .bool(value)
    }
  }
}
