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
      tokenizer = try file(model)
    case .sentencePiece, .gptSentencePiece, .llama2: throw TrainerError(SentencePieceModel.refusal)
    case .gpt2BPE, .bertLowerCase, .bertCase, .multimodal:
      throw TrainerError(
        "the CPU engine has no \(settings.tokenizerType?.rawValue ?? "tokenizer"); it reads bytes, numbers, tiktoken files and byte-level tokenizer.json"
      )
    }
    guard tokenizer.vocabularySize <= vocabSize else {
      throw TrainerError(
        "the tokenizer has \(tokenizer.vocabularySize) entries, but the model only \(vocabSize) rows (model.vocab_size)"
      )
    }
    return tokenizer
  }

  /// The tokenizer of a file, or of a folder: its `tiktoken.model`, or its `tokenizer.json`.
  ///
  /// - Throws: ``SystemError``, ``TokenizerError``.
  package static func file(_ path: String) throws -> any Tokenizer {
    let file = modelFile(path)
    return file.hasSuffix(".json") ? try HuggingFaceTokenizer(file) : try TiktokenTokenizer(file)
  }

  /// The file that a path means.
  static func modelFile(_ path: String) -> String {
    let fileSystem = POSIXFileSystem()
    guard fileSystem.kind(path) == .directory else { return path }
    let names = [TiktokenTokenizer.modelFileName, HuggingFaceTokenizer.fileName, SentencePieceModel.fileName]
    let files = names.map { FilePath.join(path, $0) }
    return files.first { fileSystem.kind($0) == .file } ?? files[0]
  }
}
