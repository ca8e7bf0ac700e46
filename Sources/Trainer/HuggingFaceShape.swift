package import Training

extension HuggingFaceConfig {
  /// The `config.json` of a checkpoint, with the special tokens of the tokenizer it was trained with.
  package init(_ shape: ModelShape, _ tokenizer: (any Tokenizer)?, initializerRange: Double) {
    self.init(shape)
    self.initializerRange = initializerRange
    bosTokenID = tokenizer?.bos.map(Int.init)
    eosTokenID = tokenizer?.eos.map(Int.init)
    padTokenID = tokenizer?.pad.map(Int.init)
  }
}
