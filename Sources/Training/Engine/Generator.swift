/// Continues a text token by token. The prompt is one pass; of earlier tokens their latents are kept, so a token costs one
/// token's work.
package final class Generator {
  private let parameters: ParameterStore
  private let maxLength: Int
  private let pool: WorkerPool

  /// - Parameters:
  ///   - engine: whose parameters are used, as they are at each call.
  ///   - maxLength: of prompt and continuation together.
  package convenience init(_ engine: TrainingEngine, maxLength: Int) throws(EngineError) {
    try self.init(parameters: engine.parameters, maxLength: maxLength, pool: engine.pool)
  }

  /// - Parameter parameters: without adapters, and held once: fp32, or frozen.
  package init(parameters: ParameterStore, maxLength: Int, pool: WorkerPool) throws(EngineError) {
    guard (1...1 << 24).contains(maxLength) else { throw .invalidSettings("a length of \(maxLength) tokens") }
    self.parameters = parameters
    self.maxLength = maxLength
    self.pool = pool
  }

  /// Extends `prompt` by up to `count` tokens; stops early at the maximum length, or when `onToken` returns false.
  ///
  /// - Returns: the new tokens.
  /// - Throws: `EngineError.invalidBatch` for an empty prompt, one that is too long, or a token that does not exist.
  package func generate(
    _ prompt: [Int32], count: Int, sampling: SamplingSettings, onToken: (Int32) -> Bool = { _ in true }
  ) throws(EngineError) -> [Int32] {
    guard (1...maxLength).contains(prompt.count) else {
      throw .invalidBatch("a prompt of \(prompt.count) tokens; 1 to \(maxLength) are possible")
    }
    guard count > 0 else { return [] }
    let decoder = try TokenDecoder(
      store: parameters, length: prompt.count + min(maxLength - prompt.count, count - 1), pool: pool)
    var sampler = TokenSampler(sampling, vocabSize: parameters.layout.shape.vocabSize)
    var result: [Int32] = []
    result.reserveCapacity(decoder.cache.length - prompt.count + 1)
    var token = try prefill(prompt, decoder.cache, &sampler)
    result.append(token)
    while onToken(token), result.count < count, prompt.count + result.count <= maxLength {
      token = sampler.choose(try decoder.decode(token, at: prompt.count + result.count - 1))
      result.append(token)
    }
    return result
  }

  /// The first new token. The memory of the pass over the prompt is given back.
  private func prefill(
    _ prompt: [Int32], _ cache: LatentCache, _ sampler: inout TokenSampler
  ) throws(EngineError) -> Int32 {
    // What a layer's backward pass would need is not kept, apart from latents and their like.
    let model = try DecoderModel(
      store: parameters, capacity: BatchCapacity(sequences: 1, length: prompt.count),
      recompute: RecomputePolicy(.selective([.layerNorm, .latentUpProjection, .mixture, .mlp])),
      pool: pool)
    return sampler.choose(try model.prefill(prompt, cache))
  }
}
