internal import CKernels

/// The decoder on one token at a time, behind others whose latents are cached.
///
/// Every product has one vector on one side, so what counts is that weights come from memory once, as they are stored, and
/// only those of the experts that the token chose. A token is one body of the pool: within it threads share the rows of each
/// weight matrix, or the heads, and meet at barriers. What is cheap (norms, routing) each thread does for itself. Sums do
/// not depend on the number of threads.
///
/// Attention never widens latents to keys and values: `q · (W_k c) = (W_kᵀ q) · c` and `Σ p W_v c = W_v Σ p c`
/// (DeepSeek-V2, section 2.1.2), which reads a latent in place of all heads' keys and values.
final class TokenDecoder {
  let cache: LatentCache
  private let shape: ModelShape
  private let layers: [DecoderLayer]
  private let head: OutputHead
  private let weights: [GroupWeights]
  private let buffers: Floats
  /// What the weights and buffers above point into.
  private let store: ParameterStore
  private let rope: RotaryEmbedding
  private let pool: WorkerPool
  private let memory: Storage<Float>
  private let token: TokenActivations
  private let threads: [ThreadActivations]

  /// - Parameter length: the most tokens that are cached.
  /// - Throws: `EngineError.invalidSettings` for weights with adapters, or masters that bf16 weights are made from.
  init(store: ParameterStore, length: Int, pool: WorkerPool) throws(EngineError) {
    guard store.adapters == nil, store.isFrozen || store.precision.weights == .fp32 else {
      throw .invalidSettings("tokens are decoded with weights that are held once, without adapters")
    }
    let layout = store.layout
    let shape = layout.shape
    self.shape = shape
    self.store = store
    self.pool = pool
    layers = (0..<shape.numHiddenLayers).map { DecoderLayer(layout: layout, layer: $0) }
    head = OutputHead(layout: layout)
    weights = layout.groups.indices.map { store.weights(ofGroup: $0) }
    buffers = store.buffers.base
    cache = try LatentCache(shape: shape, length: length)
    rope = try RotaryEmbedding(shape: shape, positions: length)
    var arena = Arena.measuring
    _ = TokenActivations(&arena, shape: shape)
    for _ in 0..<pool.threads { _ = ThreadActivations(&arena, shape: shape, length: length) }
    memory = try Storage(count: arena.used)
    arena = Arena(memory)
    token = TokenActivations(&arena, shape: shape)
    var threads: [ThreadActivations] = []
    for _ in 0..<pool.threads { threads.append(ThreadActivations(&arena, shape: shape, length: length)) }
    self.threads = threads
  }

  /// Runs the token at `position`, behind as many cached ones, and caches it.
  ///
  /// - Returns: its logits, good until the next call.
  func decode(_ id: Int32, at position: Int) throws(EngineError) -> UnsafeBufferPointer<Float> {
    guard (0..<cache.length).contains(position) else {
      throw .invalidBatch("\(position + 1) tokens; there is room for \(cache.length)")
    }
    guard id >= 0, id < shape.vocabSize else {
      throw .invalidBatch("token \(id) is outside the vocabulary of \(shape.vocabSize)")
    }
    weights[0].copyElements(Int(id) * shape.hiddenSize, count: shape.hiddenSize, to: token.residual)
    pool.run { thread in
      for index in layers.indices {
        run(layers[index], weights: weights[index + 1], cache: cache.layers[index], position: position, thread: thread)
      }
      computeLogits(thread: thread)
    }
    return UnsafeBufferPointer(start: token.logits, count: shape.vocabSize)
  }

  // MARK: On every thread

  private func run(
    _ layer: DecoderLayer, weights: GroupWeights, cache: LatentCache.Layer, position: Int, thread: Int
  ) {
    let attention = layer.attention
    norm(layer.inputNorm, weights, token.residual, thread)
    multiply(attention.projection, weights, threads[thread].normed, to: token.projected, thread)
    pool.barrier()
    attend(attention, weights, cache, position, thread)
    pool.barrier()
    let rows = share(shape.hiddenSize, thread)
    (token.middle + rows.lowerBound).update(from: token.residual + rows.lowerBound, count: rows.count)
    multiply(attention.output, weights, token.attended, to: token.middle, thread, accumulate: true)
    pool.barrier()
    norm(layer.middleNorm, weights, token.middle, thread)
    switch layer.feedForward {
    case .dense(let mlp): feedForward(mlp, weights, thread)
    case .mixture(let mixture): feedForward(mixture, weights, thread)
    }
    pool.barrier()
  }

  private func norm(_ norm: RMSNorm, _ weights: GroupWeights, _ x: Floats, _ thread: Int) {
    let own = threads[thread]
    norm.forward(0..<1, weights: weights, x: x, ldx: norm.width, normed: own.normed, rstd: own.rstd)
  }

  /// This thread's part of a whole product.
  private func multiply(
    _ linear: Linear, _ weights: GroupWeights, _ x: Floats, to y: Floats, _ thread: Int, accumulate: Bool = false
  ) {
    let rows = share(linear.outputs, thread)
    weights.multiply(linear, outputs: rows, x, to: y + rows.lowerBound, accumulate: accumulate)
  }

  private func share(_ count: Int, _ thread: Int) -> Range<Int> { pool.share(of: count, grain: 4, thread: thread) }

  /// The output of this thread's heads, from `token.projected` to `token.attended`; the first thread caches the token.
  private func attend(
    _ attention: LatentAttention, _ weights: GroupWeights, _ cache: LatentCache.Layer, _ position: Int, _ thread: Int
  ) {
    let heads = pool.share(of: shape.numAttentionHeads, thread: thread)
    guard !heads.isEmpty || thread == 0 else { return }
    let own = threads[thread]
    let latent = token.projected + attention.widths.beforeLatent
    let (rank, ropeWidth) = (shape.kvLoraRank, shape.qkRopeHeadDim)
    attention.latentNorm.forward(0..<1, weights: weights, x: latent, ldx: rank, normed: own.latent, rstd: own.rstd)
    own.sharedKey.update(from: latent + rank, count: ropeWidth)
    rotate(own.sharedKey, position, heads: 1)
    if thread == 0 {
      (cache.latents + position * rank).update(from: own.latent, count: rank)
      (cache.sharedKeys + position * ropeWidth).update(from: own.sharedKey, count: ropeWidth)
    }
    var queries = token.projected
    if let up = attention.queryLatent {
      queries = token.queries
      up.norm.forward(
        0..<1, weights: weights, x: token.projected, ldx: up.norm.width, normed: own.queryLatent, rstd: own.rstd)
      let rows = heads.lowerBound * shape.qkHeadDim..<heads.upperBound * shape.qkHeadDim
      weights.multiply(up.up, outputs: rows, own.queryLatent, to: queries + rows.lowerBound)
    }
    rotate(queries + heads.lowerBound * shape.qkHeadDim + shape.qkNopeHeadDim, position, heads: heads.count)
    for head in heads {
      attend(
        attention, head, query: queries + head * shape.qkHeadDim, weights, cache, position, own,
        to: token.attended + head * shape.vHeadDim)
    }
  }

  /// One head. Other threads may not see the token itself in the cache yet, so it comes from `own`.
  private func attend(
    _ attention: LatentAttention, _ head: Int, query: Floats, _ weights: GroupWeights, _ cache: LatentCache.Layer,
    _ position: Int, _ own: ThreadActivations, to output: Floats
  ) {
    let (rank, nope, ropeWidth) = (shape.kvLoraRank, shape.qkNopeHeadDim, shape.qkRopeHeadDim)
    let keyRows = head * (nope + shape.vHeadDim)
    let valueRows = keyRows + nope..<keyRows + nope + shape.vHeadDim
    own.latentQuery.update(repeating: 0, count: rank)
    weights.addTransposed(
      attention.keyValueUp, outputs: keyRows..<keyRows + nope, query, to: own.latentQuery)
    kernel_gemv(cache.latents, rank, own.latentQuery, own.scores, position, rank, 0)
    kernel_gemv(cache.sharedKeys, ropeWidth, query + nope, own.scores, position, ropeWidth, 1)
    kernel_gemv(own.latent, rank, own.latentQuery, own.scores + position, 1, rank, 0)
    kernel_gemv(own.sharedKey, ropeWidth, query + nope, own.scores + position, 1, ropeWidth, 1)
    kernel_causal_softmax(own.scores, position + 1, position, position + 1, attention.core.scale, 1)
    own.mixedLatent.update(repeating: 0, count: rank)
    kernel_gemv_transposed(cache.latents, rank, own.scores, own.mixedLatent, position, rank)
    kernel_gemv_transposed(own.latent, rank, own.scores + position, own.mixedLatent, 1, rank)
    weights.multiply(attention.keyValueUp, outputs: valueRows, own.mixedLatent, to: output)
  }

  private func rotate(_ x: Floats, _ position: Int, heads: Int) {
    withUnsafePointer(to: Int32(position)) { position in
      kernel_rope(x, 0, shape.qkHeadDim, heads, position, rope.cosines.base, rope.sines.base, rope.pairs, 1, 1)
    }
  }

  private func feedForward(_ mlp: GatedMLP, _ weights: GroupWeights, _ thread: Int) {
    activate(mlp.joined, mlp.gateColumn, mlp.width, share(mlp.width, thread), weights, to: token.activation, thread)
    pool.barrier()
    let rows = share(shape.hiddenSize, thread)
    startOutput(rows)
    weights.multiply(mlp.down, outputs: rows, token.activation, to: token.residual + rows.lowerBound, accumulate: true)
  }

  private func feedForward(_ mixture: MixtureOfExperts, _ weights: GroupWeights, _ thread: Int) {
    let own = threads[thread]
    let (shared, width) = (mixture.shared, shape.moeIntermediateSize)
    let experts = share(shape.nRoutedExperts, thread)
    weights.multiply(shared.joined, outputs: experts, own.normed, to: token.logits + experts.lowerBound)
    activate(
      shared.joined, shared.gateColumn, shared.width, share(shared.width, thread), weights, to: token.activation, thread
    )
    pool.barrier()
    kernel_route(
      token.logits, shape.nRoutedExperts, buffers + mixture.biasOffset, mixture.settings, own.routerScores, own.choices,
      own.choiceWeights, 1)
    let part = share(shape.numExpertsPerTok * width, thread)
    for choice in 0..<shape.numExpertsPerTok {
      let columns = part.clamped(to: choice * width..<(choice + 1) * width)
      guard !columns.isEmpty else { continue }
      activate(
        mixture.gateUp, 0, width, columns.lowerBound - choice * width..<columns.upperBound - choice * width,
        weights.advanced(by: Int(own.choices[choice]) * mixture.expertStride, firstRow: 0),
        factor: own.choiceWeights + choice, to: token.expertActivation + choice * width, thread)
    }
    pool.barrier()
    let rows = share(shape.hiddenSize, thread)
    let out = token.residual + rows.lowerBound
    startOutput(rows)
    if shared.width > 0 { weights.multiply(shared.down, outputs: rows, token.activation, to: out, accumulate: true) }
    for choice in 0..<shape.numExpertsPerTok {
      weights.advanced(by: Int(own.choices[choice]) * mixture.expertStride, firstRow: 0)
        .multiply(mixture.down, outputs: rows, token.expertActivation + choice * width, to: out, accumulate: true)
    }
  }

  /// The residual goes around the MLP.
  private func startOutput(_ rows: Range<Int>) {
    (token.residual + rows.lowerBound).update(from: token.middle + rows.lowerBound, count: rows.count)
  }

  /// Some columns of `silu(gate x) * up x`, times `factor`, for this thread's normed x.
  ///
  /// - Parameters:
  ///   - gate: the first of the gate's `width` rows in `linear`, behind which are the up-projection's.
  private func activate(
    _ linear: Linear, _ gate: Int, _ width: Int, _ columns: Range<Int>, _ weights: GroupWeights, factor: Floats? = nil,
    to activation: Floats, _ thread: Int
  ) {
    guard !columns.isEmpty else { return }
    let own = threads[thread]
    let first = gate + columns.lowerBound
    weights.multiply(linear, outputs: first..<first + columns.count, own.normed, to: own.gate)
    weights.multiply(linear, outputs: first + width..<first + width + columns.count, own.normed, to: own.up)
    kernel_silu_gate(
      own.gate, own.up, columns.count, factor, activation + columns.lowerBound, columns.count, 1, columns.count)
  }

  private func computeLogits(thread: Int) {
    let last = weights.count - 1
    norm(head.norm, weights[last], token.residual, thread)
    multiply(
      head.projection, weights[shape.tieWordEmbeddings ? 0 : last], threads[thread].normed, to: token.logits, thread)
  }
}

/// What all threads see of a token on its way through a layer.
private struct TokenActivations {
  /// [hidden]: before attention, and after it
  let residual: Floats
  let middle: Floats
  /// As ``LatentAttention/Activations`` has them.
  let projected: Floats
  let queries: Floats
  let attended: Floats
  /// [widest of dense and shared MLP], [top-k, expert width]
  let activation: Floats
  let expertActivation: Floats
  /// The router's [experts], in the end the head's [vocabulary]
  let logits: Floats

  init(_ arena: inout Arena, shape: ModelShape) {
    let widths = LatentAttention.Widths(shape)
    residual = arena.floats(shape.hiddenSize)
    middle = arena.floats(shape.hiddenSize)
    projected = arena.floats(widths.projected)
    queries = arena.floats(shape.qLoraRank == nil ? 0 : widths.queries)
    attended = arena.floats(widths.attended)
    activation = arena.floats(max(shape.intermediateSize, shape.sharedIntermediateSize))
    expertActivation = arena.floats(shape.numExpertsPerTok * shape.moeIntermediateSize)
    logits = arena.floats(max(shape.vocabSize, shape.nRoutedExperts))
  }
}

/// What one thread makes for itself.
private struct ThreadActivations {
  /// [hidden], the norms' factor
  let normed: Floats
  let rstd: Floats
  let queryLatent: Floats
  /// [kv rank], [rope] of the token
  let latent: Floats
  let sharedKey: Floats
  /// Of one head: its query against latents, the latents' sum by its probabilities [kv rank], and these [length]
  let latentQuery: Floats
  let mixedLatent: Floats
  let scores: Floats
  let gate: Floats
  let up: Floats
  /// [experts], [top-k] each
  let routerScores: Floats
  let choices: UnsafeMutablePointer<Int32>
  let choiceWeights: Floats

  init(_ arena: inout Arena, shape: ModelShape, length: Int) {
    let widest = max(shape.intermediateSize, shape.sharedIntermediateSize, shape.moeIntermediateSize)
    normed = arena.floats(shape.hiddenSize)
    rstd = arena.floats(1)
    queryLatent = arena.floats(shape.qLoraRank ?? 0)
    latent = arena.floats(shape.kvLoraRank)
    sharedKey = arena.floats(shape.qkRopeHeadDim)
    latentQuery = arena.floats(shape.kvLoraRank)
    mixedLatent = arena.floats(shape.kvLoraRank)
    scores = arena.floats(length)
    gate = arena.floats(widest)
    up = arena.floats(widest)
    routerScores = arena.floats(shape.nRoutedExperts)
    choices = arena.integers(shape.numExpertsPerTok)
    choiceWeights = arena.floats(shape.numExpertsPerTok)
  }
}
