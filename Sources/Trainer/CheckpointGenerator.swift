package import Training

/// Continues texts with a checkpoint of ours or a Hugging Face directory.
package struct CheckpointGenerator {
  package let tokenizer: any Tokenizer
  private let engine: TrainingEngine

  /// - Parameters:
  ///   - source: of the weights; an adapter is folded in.
  ///   - tokenizer: `nil` for bytes.
  package init(_ source: WeightSource, tokenizer: (any Tokenizer)?, threads: Int) throws {
    let shape = ModelShape(try source.config())
    let settings = EngineSettings(
      shape: shape, capacity: BatchCapacity(sequences: 1, length: 1), optimizer: OptimizerSettings(.sgd(momentum: 0)),
      threads: threads)
    engine = try TrainingEngine(settings)
    try source.checkTargets(try ModelWeights(directory: source.base))
    try RunCheckpoint.readWeights(source.base, into: engine)
    if let adapter = source.adapter { try engine.parameters.fold(adapter) }
    self.tokenizer = tokenizer ?? ByteTokenizer()
    guard self.tokenizer.vocabularySize <= shape.vocabSize else {
      throw TrainerError(
        "the tokenizer has \(self.tokenizer.vocabularySize) entries, but the model only \(shape.vocabSize) rows")
    }
  }

  /// Gives out each token of the continuation, until an end token or the limit.
  package func generate(
    from prompt: [Int32], maximumTokens: Int, _ sampling: SamplingSettings, emit: (Int32) -> Void
  ) throws {
    guard !prompt.isEmpty else { throw TrainerError("the prompt is empty") }
    let (length, overflow) = prompt.count.addingReportingOverflow(maximumTokens)
    guard !overflow else { throw TrainerError("\(maximumTokens) tokens are too many") }
    let limit = min(length, engine.settings.shape.maxPositionEmbeddings)
    guard prompt.count < limit else {
      throw TrainerError("the prompt has \(prompt.count) tokens; the model was made for \(limit) positions")
    }
    let generator = try Generator(engine, maxLength: limit)
    _ = try generator.generate(prompt, count: min(maximumTokens, limit - prompt.count), sampling: sampling) { token in
      if token == tokenizer.eos { return false }
      emit(token)
      return true
    }
  }
}

extension ParameterStore {
  /// Adds an adapter to the weights for good.
  fileprivate func fold(_ adapter: AdapterWeights) throws {
    for tensor in layout.tensors where tensor.kind != .buffer {
      guard adapter.adapts(tensor.name) else { continue }
      var values = try withTensor(tensor.name) { Array($0) }
      try values.withUnsafeMutableBufferPointer { try adapter.merge(into: $0, of: tensor.name, shape: tensor.shape) }
      try values.withUnsafeBufferPointer { try write(tensor.name, $0) }
    }
  }
}
