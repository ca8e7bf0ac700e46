package import LaunchModel
package import Training

/// The tokenizer that a config names.
package enum RunTokenizer {
  /// - Throws: ``TrainerError``, and what loading its files throws.
  package static func make(_ config: LaunchConfig, vocabSize: Int) throws -> any Tokenizer {
    let settings = config.tokenizer
    let tokenizer: any Tokenizer
    switch settings.tokenizerType {
    case .byteLevel: tokenizer = ByteTokenizer()
    case .null, nil: tokenizer = try NullTokenizer(vocabularySize: settings.vocabSize ?? vocabSize)
    case .tikToken, .huggingFace:
      guard let model = settings.tokenizerModel else { throw TrainerError("tokenizer.tokenizer_model is not set") }
      tokenizer = try TiktokenTokenizer(model)
    case .sentencePiece, .gptSentencePiece, .llama2, .gpt2BPE, .bertLowerCase, .bertCase, .multimodal:
      throw TrainerError(
        "the CPU engine has no \(settings.tokenizerType?.rawValue ?? "tokenizer"); it reads bytes, numbers and tiktoken files"
      )
    }
    guard tokenizer.vocabularySize <= vocabSize else {
      throw TrainerError(
        "the tokenizer has \(tokenizer.vocabularySize) entries, but the model only \(vocabSize) rows (model.vocab_size)"
      )
    }
    return tokenizer
  }
}
