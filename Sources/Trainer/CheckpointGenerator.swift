package import Training

/// Continues texts with a checkpoint of ours or a Hugging Face directory.
package struct CheckpointGenerator {
  package let tokenizer: any Tokenizer
  private let engine: TrainingEngine

  /// - Parameters:
  ///   - source: of the weights; an adapter is folded in.
  ///   - tokenizer: `nil` for the `tiktoken.model` beside the weights, or bytes where there is none.
  ///   - memoryLimit: bytes that may be taken; a model that needs more is refused before anything is allocated.
  package init(
    _ source: WeightSource, tokenizer: (any Tokenizer)?, threads: Int, memoryLimit: Int? = nil
  ) throws {
    let shape = ModelShape(try source.config())
    let settings = EngineSettings(
      shape: shape, capacity: BatchCapacity(sequences: 1, length: 1), optimizer: OptimizerSettings(.sgd(momentum: 0)),
      threads: threads)
    let need = try MemoryPlan(settings).total
    guard need <= memoryLimit ?? Int.max else { throw TooLarge(folder: source.base, bytes: need) }
    engine = try TrainingEngine(settings)
    try source.checkTargets(try ModelWeights(directory: source.base))
    try RunCheckpoint.readWeights(source.base, into: engine)
    if let adapter = source.adapter { try engine.parameters.fold(adapter) }
    self.tokenizer = try tokenizer ?? Self.tokenizer(beside: source.base)
    guard self.tokenizer.vocabularySize <= shape.vocabSize else {
      throw TrainerError(
        "the tokenizer has \(self.tokenizer.vocabularySize) entries, but the model only \(shape.vocabSize) rows")
    }
  }

  private static func tokenizer(beside weights: String) throws -> any Tokenizer {
    let file = FilePath.join(weights, "tiktoken.model")
    return POSIXFileSystem().kind(file) == .file ? try TiktokenTokenizer(file) : ByteTokenizer()
  }

  /// A model that does not fit.
  package struct TooLarge: Error {
    package let folder: String
    package let bytes: Int
  }

  /// How many positions a prompt and its continuation take.
  ///
  /// - Throws: ``TrainerError`` for a prompt that is empty or fills the model.
  package func length(of prompt: [Int32], maximumTokens: Int) throws -> Int {
    guard !prompt.isEmpty else { throw TrainerError("the prompt is empty") }
    let (length, overflow) = prompt.count.addingReportingOverflow(maximumTokens)
    guard !overflow else { throw TrainerError("\(maximumTokens) tokens are too many") }
    let limit = min(length, engine.settings.shape.maxPositionEmbeddings)
    guard prompt.count < limit else {
      throw TrainerError("the prompt has \(prompt.count) tokens; the model was made for \(limit) positions")
    }
    return limit
  }

  /// Gives out each token of the continuation, until an end token, a length, or until nobody takes one.
  ///
  /// - Parameter length: of prompt and continuation, from ``length(of:maximumTokens:)``.
  package func generate(
    from prompt: [Int32], length: Int, _ sampling: SamplingSettings, emit: (Int32) -> Bool
  ) throws {
    let generator = try Generator(engine, maxLength: length)
    _ = try generator.generate(prompt, count: length - prompt.count, sampling: sampling) { token in
      token != tokenizer.eos && emit(token)
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
