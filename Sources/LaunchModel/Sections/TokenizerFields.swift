public import ConfigDocument

/// How text becomes tokens.
public struct TokenizerFields: SectionFields {
  public static let fields = TokenizerFields()
  public static let schema = SectionSchema("tokenizer", fields.declarations, "How text becomes tokens.")
  let declarations: [FieldDeclaration]

  public let tokenizerType: Field<TokenizerKind?>
  public let tokenizerModel: Field<String?>
  public let vocabSize: Field<Int?>
  public let hfTokenizerKwargs: Field<ConfigMapping?>
  public let specialTokens: Field<[String]?>
  public let chatTemplate: Field<String?>
  public let tiktokenPattern: Field<String?>
  public let vocabFile: Field<String?>
  public let mergeFile: Field<String?>

  private init() {
    var list = FieldList()
    tokenizerType = list.add(
      "tokenizer_type", default: nil, "Which tokenizer; `NullTokenizer` for data that is tokens already.")
    tokenizerModel = list.add(
      "tokenizer_model", default: nil, aliases: ["tokenizer_path", "tokenizer_name"],
      "Its file, directory or Hugging Face name.")
    vocabSize = list.add("vocab_size", default: nil, in: .size, "Entries, for a `NullTokenizer`.")
    hfTokenizerKwargs = list.add(
      "hf_tokenizer_kwargs", default: ConfigMapping(), "Passed to Hugging Face's `from_pretrained`.")
    specialTokens = list.add("special_tokens", default: nil, "Added special tokens.")
    chatTemplate = list.add("chat_template", default: nil, "Replaces the tokenizer's own.")
    tiktokenPattern = list.add("tiktoken_pattern", default: nil, "`v1` or `v2`, for a `TikTokenizer`.")
    vocabFile = list.add("vocab_file", default: nil, "Vocabulary of a BPE tokenizer.")
    mergeFile = list.add("merge_file", default: nil, "Merges of a BPE tokenizer.")
    declarations = list.declarations
  }
}
