package import Training

/// Continues texts with a model of ours or a Hugging Face directory.
///
/// Every token is computed from the whole text before it, without a cache of keys and values: plain and exact, and fast
/// enough for the models that this engine is for.
package final class TextGenerator {
  package let tokenizer: any Tokenizer
  private let engine: TrainingEngine
  private let contextLength: Int

  /// - Parameters:
  ///   - folder: with `config.json` and weights.
  ///   - contextLength: tokens of the past that a token sees.
  package init(folder: String, tokenizer: (any Tokenizer)?, contextLength: Int, threads: Int) throws {
    let shape = ModelShape(try HuggingFaceConfig(file: FilePath.join(folder, HuggingFaceConfig.fileName)))
    self.contextLength = max(1, min(contextLength, shape.maxPositionEmbeddings))
    let settings = EngineSettings(
      shape: shape, capacity: BatchCapacity(sequences: 1, length: self.contextLength),
      optimizer: OptimizerSettings(.sgd(momentum: 0)), threads: threads)
    engine = try TrainingEngine(settings)
    try RunCheckpoint.readWeights(folder, into: engine)
    self.tokenizer = tokenizer ?? ByteTokenizer()
    guard self.tokenizer.vocabularySize <= shape.vocabSize else {
      throw TrainerError("the tokenizer has \(self.tokenizer.vocabularySize) entries, but the model only \(shape.vocabSize) rows")
    }
  }

  /// How the next token is drawn.
  package struct Sampling: Sendable {
    /// 0 takes the likeliest token.
    package var temperature: Double
    package var seed: UInt64

    package init(temperature: Double = 0, seed: UInt64 = 1234) {
      self.temperature = temperature
      self.seed = seed
    }
  }

  /// Calls `emit` with each token, until an end token or the limit.
  package func generate(
    from prompt: [Int32], maximumTokens: Int, _ sampling: Sampling, emit: (Int32) throws -> Void
  ) throws {
    guard !prompt.isEmpty else { throw TrainerError("the prompt is empty") }
    var tokens = prompt
    var stream = RandomStream(seed: sampling.seed)
    for _ in 0..<maximumTokens {
      let context = Array(tokens.suffix(contextLength))
      let batch = TokenBatch(sequences: 1, length: context.count, tokens: context, targets: context)
      let logits = try engine.logits(batch)
      let row = logits.suffix(logits.count / context.count).prefix(tokenizer.vocabularySize)
      let token = Int32(choose(Array(row), sampling.temperature, &stream))
      if token == tokenizer.eos { return }
      tokens.append(token)
      try emit(token)
    }
  }

  private func choose(_ logits: [Float], _ temperature: Double, _ stream: inout RandomStream) -> Int {
    let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
    guard temperature > 0 else { return best }
    let weights = logits.map { Weight.exponential((Double($0) - Double(logits[best])) / temperature) }
    var rest = stream.uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return index }
    }
    return best
  }
}
