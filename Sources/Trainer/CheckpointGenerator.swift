package import Training

/// Continues texts with a checkpoint of ours or a Hugging Face directory, whose weights are held once.
package struct CheckpointGenerator {
  package let tokenizer: any Tokenizer
  private let parameters: ParameterStore
  private let pool: WorkerPool

  /// - Parameters:
  ///   - source: of the weights; an adapter is folded in.
  ///   - tokenizer: `nil` for the `tiktoken.model` or `tokenizer.json` beside the weights, or bytes where there is none.
  ///   - memoryLimit: bytes that may be taken; a model that needs more is refused before anything is allocated.
  package init(
    _ source: WeightSource, tokenizer: (any Tokenizer)?, threads: Int, memoryLimit: Int? = nil
  ) throws {
    let layout = source.layout
    let shape = layout.shape
    // Folded into bf16 weights, most of a small adapter would be rounded away.
    let precision: StoragePrecision = source.weights.files.isBFloat16 && source.adapter == nil ? .bf16 : .fp32
    let need = MemoryPlan.weights(layout, precision, isFrozen: true)
    guard need <= memoryLimit ?? Int.max else { throw TooLarge(folder: source.base, bytes: need) }
    pool = try WorkerPool(threads: threads)
    parameters = try ParameterStore(layout: layout, precision: precision, isFrozen: true, pool: pool)
    try parameters.load(source.weights)
    if let adapter = source.adapter {
      try parameters.fold(adapter)
      try adapter.verify()
    }
    self.tokenizer = try tokenizer ?? Self.tokenizer(beside: source.base)
    guard self.tokenizer.vocabularySize <= shape.vocabSize else {
      throw TrainerError(
        "the tokenizer has \(self.tokenizer.vocabularySize) entries, but the model only \(shape.vocabSize) rows")
    }
  }

  private static func tokenizer(beside weights: String) throws -> any Tokenizer {
    let hasFile = [TiktokenTokenizer.modelFileName, HuggingFaceTokenizer.fileName].contains {
      POSIXFileSystem().kind(FilePath.join(weights, $0)) == .file
    }
    return hasFile ? try RunTokenizer.file(weights) : ByteTokenizer()
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
    let limit = min(length, parameters.layout.shape.maxPositionEmbeddings)
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
    let generator = try Generator(parameters: parameters, maxLength: length, pool: pool)
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
