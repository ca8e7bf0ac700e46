public import ConfigDocument

/// How text becomes tokens.
public final class TokenizerFields: SectionFields {
  public static let fields = TokenizerFields()
  public static let schema = SectionSchema("tokenizer", of: fields, "How text becomes tokens.")

  public let tokenizerType = Field<TokenizerKind?>(
    "tokenizer_type", default: nil, "Which tokenizer; `NullTokenizer` for data that is tokens already.")
  public let tokenizerModel = Field<String?>(
    "tokenizer_model", default: nil, aliases: ["tokenizer_path", "tokenizer_name"],
    "Its file, directory or Hugging Face name.")
  public let vocabSize = Field<Int?>("vocab_size", default: nil, in: .size, "Entries, for a `NullTokenizer`.")
  public let hfTokenizerKwargs = Field<ConfigMapping?>(
    "hf_tokenizer_kwargs", default: ConfigMapping(), "Passed to Hugging Face's `from_pretrained`.")
  public let specialTokens = Field<[String]?>("special_tokens", default: nil, "Added special tokens.")
  public let chatTemplate = Field<String?>("chat_template", default: nil, "Replaces the tokenizer's own.")
  public let tiktokenPattern = Field<String?>("tiktoken_pattern", default: nil, "`v1` or `v2`, for a `TikTokenizer`.")
  public let vocabFile = Field<String?>("vocab_file", default: nil, "Vocabulary of a BPE tokenizer.")
  public let mergeFile = Field<String?>("merge_file", default: nil, "Merges of a BPE tokenizer.")
}
