internal import CKernels

/// How the next token is chosen.
package struct SamplingSettings: Sendable, Equatable {
  /// 0 takes the most likely token every time.
  package var temperature: Float
  /// Only this many of the most likely tokens are considered; `nil` means all.
  package var topK: Int?
  /// Only the most likely tokens that together have this share of the probability are considered; 1 means all.
  package var topP: Float
  package var seed: UInt64

  package init(temperature: Float = 0, topK: Int? = nil, topP: Float = 1, seed: UInt64 = 0) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.seed = seed
  }
}

/// Continues a text token by token. Keys and values of earlier tokens are kept, so a token costs one token's work.
package final class Generator {
  private let model: DecoderModel

  /// - Parameters:
  ///   - engine: whose parameters are used, as they are at each call.
  ///   - maxLength: of prompt and continuation together.
  package convenience init(_ engine: TrainingEngine, maxLength: Int) throws(EngineError) {
    try self.init(parameters: engine.parameters, maxLength: maxLength, pool: engine.pool)
  }

  package init(parameters: ParameterStore, maxLength: Int, pool: WorkerPool) throws(EngineError) {
    guard (1...1 << 24).contains(maxLength) else { throw .invalidSettings("a length of \(maxLength) tokens") }
    // What a layer's backward pass would need is not kept, apart from keys, values and their like.
    model = try DecoderModel(
      store: parameters, capacity: BatchCapacity(sequences: 1, length: maxLength),
      recompute: RecomputePolicy(.selective([.coreAttention, .layerNorm, .mixture, .mlp])), pool: pool)
  }

  /// Extends `prompt` by up to `count` tokens; stops early at the maximum length, or when `onToken` returns false.
  ///
  /// - Returns: the new tokens.
  /// - Throws: `EngineError.invalidBatch` for an empty prompt, one that is too long, or a token that does not exist.
  package func generate(
    _ prompt: [Int32], count: Int, sampling: SamplingSettings, onToken: (Int32) -> Bool = { _ in true }
  ) throws(EngineError) -> [Int32] {
    var stream = RandomStream(seed: sampling.seed, name: "generate")
    var result: [Int32] = []
    var (next, cached) = (prompt, 0)
    while result.count < count, cached + next.count <= model.capacity.length || cached == 0 {
      let logits = try model.extend(next, cached: cached)
      cached += next.count
      let token = Self.choose(logits, sampling, &stream)
      result.append(token)
      guard onToken(token) else { break }
      next = [token]
    }
    return result
  }

  static func choose(
    _ logits: UnsafeBufferPointer<Float>, _ sampling: SamplingSettings, _ stream: inout RandomStream
  ) -> Int32 {
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    guard sampling.temperature > 0, sampling.temperature.isFinite else { return Int32(best) }
    var candidates = Array(logits.indices)
    if sampling.topK ?? Int.max < candidates.count || sampling.topP < 1 {
      // Ties go to the lower index, so that the choice is the same everywhere.
      candidates.sort { (logits[$1], $0) < (logits[$0], $1) }
      candidates.removeSubrange(min(max(sampling.topK ?? Int.max, 1), candidates.count)...)
    }
    var weights = candidates.map { logits[$0] }
    weights.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { kernel_softmax(base, sampling.temperature, buffer.count) }
    }
    var share = 1.0
    if sampling.topP < 1 {
      share = 0
      let last = weights.firstIndex { weight in
        share += Double(weight)
        return share >= Double(sampling.topP)
      }
      if let last { candidates.removeSubrange((last + 1)...) }
    }
    var remaining = stream.uniform() * share
    for (candidate, weight) in zip(candidates, weights) {
      remaining -= Double(weight)
      if remaining < 0 { return Int32(candidate) }
    }
    return Int32(candidates.last ?? best)
  }
}
