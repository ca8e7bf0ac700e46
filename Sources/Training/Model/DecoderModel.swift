internal import CKernels

/// The whole decoder: embedding, layers, head; forward and backward over one micro-batch, in memory taken once.
final class DecoderModel {
  let shape: ModelShape
  let store: ParameterStore
  let capacity: BatchCapacity
  let layers: [DecoderLayer]
  let head: OutputHead
  /// As a projection from the vocabulary, with its region.
  private let embedding: Linear
  private let embeddingRegion: Range<Int>
  private let pool: WorkerPool
  private let rope: RotaryEmbedding
  private let arenaStorage: Storage<Float>
  private let plan: ActivationPlan
  /// [layer][expert], counted on the way forward: where the dispatch is recomputed, layers share its memory.
  private var loads: [[Int]]

  init(
    store: ParameterStore, capacity: BatchCapacity, recompute: RecomputePolicy, pool: WorkerPool
  ) throws(EngineError) {
    let layout = store.layout
    shape = layout.shape
    self.store = store
    self.capacity = capacity
    self.pool = pool
    layers = (0..<layout.shape.numHiddenLayers).map { DecoderLayer(layout: layout, layer: $0) }
    loads = (0..<layout.shape.numHiddenLayers).map { layer in
      Array(repeating: 0, count: layout.shape.isMixture(layer: layer) ? layout.shape.nRoutedExperts : 0)
    }
    head = OutputHead(layout: layout)
    embedding = Linear(offset: 0, inputs: shape.hiddenSize, outputs: shape.vocabSize)
    embeddingRegion = layout.commonRegion(ofGroup: 0)
    rope = try RotaryEmbedding(shape: layout.shape, positions: capacity.length)
    var arena = Arena.measuring
    let adapters = store.adapters?.settings
    _ = ActivationPlan(
      &arena, shape: shape, capacity: capacity, recompute: recompute, adapters: adapters, threads: pool.threads)
    arenaStorage = try Storage(count: arena.used, isStreamed: true)
    arena = Arena(arenaStorage)
    plan = ActivationPlan(
      &arena, shape: shape, capacity: capacity, recompute: recompute, adapters: adapters, threads: pool.threads)
  }

  /// Loss of a micro-batch, without gradients. The mean over unmasked tokens.
  func loss(_ batch: TokenBatch) throws(EngineError) -> Float {
    let pass = try begin(batch)
    setRowScales(batch, factor: 1)
    forward(pass)
    runHead(pass, isTraining: false, isFirst: false)
    return meanLoss(batch)
  }

  /// Loss of a micro-batch; its gradients, scaled, are stored or added.
  ///
  /// - Parameters:
  ///   - scale: factor of each unmasked token's loss in what is differentiated.
  ///   - balanceScale: factor of the sequence balance loss; 0 leaves it out.
  ///   - dropout: on the adapters.
  ///   - isFirst: whether the gradients replace what is stored.
  /// - Returns: the mean loss over unmasked tokens, and the balance loss with coefficient one, averaged over layers.
  func differentiate(
    _ batch: TokenBatch, scale: Float, balanceScale: Float, dropout: AdapterDropout? = nil, isFirst: Bool
  ) throws(EngineError) -> (loss: Float, balance: Float) {
    var pass = try begin(batch)
    pass.balanceScale = balanceScale == 0 ? nil : balanceScale
    pass.dropout = dropout
    setRowScales(batch, factor: scale)
    let balance = forward(pass)
    runHead(pass, isTraining: true, isFirst: isFirst)
    backward(pass, isFirst: isFirst)
    return (meanLoss(batch), balance)
  }

  /// Logits [tokens, vocabulary] of a whole micro-batch, for inspection and tests.
  func logits(_ batch: TokenBatch) throws(EngineError) -> [Float] {
    let pass = try begin(batch)
    forward(pass)
    var result: [Float] = []
    result.reserveCapacity(pass.tokens * shape.vocabSize)
    for start in stride(from: 0, to: pass.tokens, by: plan.head.rowsAtATime) {
      let rows = start..<min(start + plan.head.rowsAtATime, pass.tokens)
      withHeadWeights { norm, projection in
        head.computeLogits(rows, normWeights: norm, weights: projection, firstRow: start, plan.head)
      }
      for row in 0..<rows.count {
        let logits = plan.head.logits + row * head.projection.distance
        result.append(contentsOf: UnsafeBufferPointer(start: logits, count: shape.vocabSize))
      }
    }
    return result
  }

  /// Runs one sequence; what it leaves for tokens that follow goes to `cache`.
  ///
  /// - Returns: the logits after the last token, good until the next call.
  func prefill(_ tokens: [Int32], _ cache: LatentCache) throws(EngineError) -> UnsafeBufferPointer<Float> {
    let pass = try begin(TokenBatch(sequences: 1, length: tokens.count, tokens: tokens, targets: tokens))
    forward(pass)
    for (index, layer) in layers.enumerated() {
      layer.attention.copyLatents(tokens.count, plan.layers[index].attention, to: cache.layers[index])
    }
    withHeadWeights { norm, projection in
      let last = tokens.count - 1
      head.computeLogits(last..<last + 1, normWeights: norm, weights: projection, firstRow: last, plan.head)
    }
    return UnsafeBufferPointer(start: plan.head.logits, count: shape.vocabSize)
  }

  /// How many of the last micro-batch's tokens each expert of a layer received; empty for a dense layer.
  func expertLoads(layer: Int) -> [Int] { loads[layer] }

  // MARK: Steps of a pass

  private func begin(_ batch: TokenBatch) throws(EngineError) -> Pass {
    try batch.validate(vocabSize: shape.vocabSize, capacity: capacity)
    store.prepareAdapters()
    let count = batch.tokens.count
    for index in 0..<count {
      plan.tokens[index] = batch.tokens[index]
      plan.targets[index] = batch.targets[index]
    }
    let segments = batch.segments
    for segment in segments {
      for token in segment { plan.positions[token] = Int32(token - segment.lowerBound) }
    }
    var pass = Pass(
      pool: pool, rope: rope, tokens: count, length: batch.length, segments: segments, positions: plan.positions,
      scratch: plan.scratch, products: store.products, balanceScale: nil)
    pass.attendsWithinRows = layers.first?.attention.attendsWithinRows(pass) ?? false
    return pass
  }

  private func setRowScales(_ batch: TokenBatch, factor: Float) {
    for index in 0..<batch.tokens.count {
      plan.head.rowScales[index] = factor * (batch.lossMask?[index] ?? 1)
    }
  }

  /// Sums in double, token by token, so that the loss does not depend on how the work was split.
  private func meanLoss(_ batch: TokenBatch) -> Float {
    var sum = 0.0
    for index in 0..<batch.tokens.count {
      let weight = batch.lossMask?[index] ?? 1
      if weight != 0 { sum += Double(plan.head.losses[index]) * Double(weight) }
    }
    return Float(sum / Double(max(batch.lossTokens, 1)))
  }

  @discardableResult
  private func forward(_ pass: Pass) -> Float {
    embed(pass, into: plan.layers[0].input)
    var balance: Float = 0
    for (index, layer) in layers.enumerated() {
      let out = index + 1 < layers.count ? plan.layers[index + 1].input : plan.head.input
      layer.forward(
        pass, weights: store.weights(ofGroup: index + 1, dropout: pass.dropout), buffers: store.buffers.base, out: out,
        plan.layers[index])
      guard
        case (.mixture(let mixture), .mixture(let activations)) = (layer.feedForward, plan.layers[index].feedForward)
      else { continue }
      for expert in loads[index].indices { loads[index][expert] = activations.dispatch.slots(of: expert).count }
      if pass.balanceScale != nil { balance += mixture.balanceLoss(pass, activations) }
    }
    return balance / Float(max(1, layers.count - shape.firstKDenseReplace))
  }

  private func embed(_ pass: Pass, into out: Floats) {
    let hidden = shape.hiddenSize
    pass.forRows { rows in
      guard let weights16 = store.weights16 else {
        kernel_gather_rows(
          store.master.base, hidden, plan.tokens + rows.lowerBound, out + rows.lowerBound * hidden, rows.count, hidden)
        return
      }
      for row in rows { kernel_from_bf16(weights16.base + Int(plan.tokens[row]) * hidden, out + row * hidden, hidden) }
    }
  }

  /// The last group holds norm and head; with tied embeddings the projection is the first group's.
  private func withHeadWeights(_ body: (_ norm: GroupWeights, _ projection: GroupWeights) -> Void) {
    let last = store.layout.groups.count - 1
    let weights = store.weights(ofGroup: last)
    guard shape.tieWordEmbeddings else { return body(weights, weights) }
    // Widened weights are good until the next visit, so the norm's few are copied.
    plan.tiedNormGain.update(from: weights.gain(head.norm), count: shape.hiddenSize)
    body(
      GroupWeights(fp32: plan.tiedNormGain - head.norm.offset, products: store.products), store.weights(ofGroup: 0))
  }

  private func runHead(_ pass: Pass, isTraining: Bool, isFirst: Bool) {
    let last = store.layout.groups.count - 1
    withHeadWeights { norm, projection in
      head.run(
        pass, normWeights: norm, weights: projection, targets: plan.targets, isTraining: isTraining,
        gradients: isTraining ? headGradients(isFirst: isFirst) : nil, dinput: plan.residual[0], plan.head)
    }
    guard isTraining else { return }
    if shape.tieWordEmbeddings, let own = store.gradients(ofGroup: last, isFirst: isFirst) {
      store.finishGradients(ofGroup: 0, isFirst: isFirst)
      let gradient = own.base + head.norm.offset
      for index in 0..<shape.hiddenSize {
        gradient[index] = plan.tiedNormGainGradient[index] + (own.beta == 0 ? 0 : gradient[index])
      }
    }
    store.finishGradients(ofGroup: last, isFirst: isFirst)
  }

  /// `nil` for frozen weights.
  private func headGradients(isFirst: Bool) -> OutputHead.Gradients? {
    guard let own = store.gradients(ofGroup: store.layout.groups.count - 1, isFirst: isFirst) else { return nil }
    guard shape.tieWordEmbeddings, let shared = store.gradients(ofGroup: 0, isFirst: isFirst) else {
      return (norm: own, projection: own)
    }
    return (
      norm: GradientTarget(base: plan.tiedNormGainGradient - head.norm.offset, beta: 0), projection: shared
    )
  }

  private func backward(_ pass: Pass, isFirst: Bool) {
    if isFirst { store.adapters?.clearGradients() }
    var (output, middle, input) = (plan.residual[0], plan.residual[1], plan.residual[2])
    for index in layers.indices.reversed() {
      let weights = store.weights(ofGroup: index + 1, dropout: pass.dropout)
      layers[index].recompute(pass, weights: weights, buffers: store.buffers.base, plan.layers[index])
      layers[index].backward(
        pass, weights: weights, gradients: store.gradients(ofGroup: index + 1, isFirst: isFirst),
        gradient: ResidualGradients(output: output, middle: middle, input: input), plan.layers[index])
      store.finishGradients(ofGroup: index + 1, isFirst: isFirst)
      (output, middle, input) = (input, output, middle)
    }
    backwardEmbedding(pass, gradient: output, isFirst: isFirst && !shape.tieWordEmbeddings)
  }

  private func backwardEmbedding(_ pass: Pass, gradient: Floats, isFirst: Bool) {
    guard let target = store.gradients(ofGroup: 0, isFirst: isFirst) else { return }
    let hidden = shape.hiddenSize
    // Every thread sees all tokens in order, so sums do not depend on the split.
    pool.run { thread in
      let rows = embedding.outputs(ofShare: embeddingRegion, pool, thread: thread)
      if target.beta == 0 {
        (target.base + rows.lowerBound * hidden).update(repeating: 0, count: rows.count * hidden)
      }
      kernel_scatter_add(gradient, plan.tokens, target.base, pass.tokens, hidden, rows.lowerBound, rows.upperBound)
    }
    store.finishGradients(ofGroup: 0, isFirst: isFirst)
  }
}

/// All memory of a pass, in the order in which it is handed out.
struct ActivationPlan {
  let layers: [LayerActivations]
  let head: OutputHead.Activations
  let scratch: Scratch
  /// Three gradients of the residual stream [tokens, hidden].
  let residual: [Floats]
  let tokens: UnsafeMutablePointer<Int32>
  let targets: UnsafeMutablePointer<Int32>
  let positions: UnsafeMutablePointer<Int32>
  let tiedNormGain: Floats
  let tiedNormGainGradient: Floats

  init(
    _ arena: inout Arena, shape: ModelShape, capacity: BatchCapacity, recompute: RecomputePolicy,
    adapters: AdapterSettings?, threads: Int
  ) {
    var own = arena
    // Recomputed parts of all layers share one stretch, as large as the largest layer's.
    var shared = Arena.measuring
    var largest = 0
    for layer in 0..<shape.numHiddenLayers {
      var one = shared
      var ignored = Arena.measuring
      _ = LayerActivations(
        shape: shape, layer: layer, capacity: capacity, recomputed: recompute.parts(layer: layer), own: &ignored,
        shared: &one)
      largest = max(largest, one.used)
    }
    shared = own
    _ = own.floats(largest)
    var layers: [LayerActivations] = []
    for layer in 0..<shape.numHiddenLayers {
      var one = shared
      layers.append(
        LayerActivations(
          shape: shape, layer: layer, capacity: capacity, recomputed: recompute.parts(layer: layer), own: &own,
          shared: &one))
    }
    self.layers = layers
    head = OutputHead.Activations(&own, shape: shape, capacity: capacity)
    scratch = Scratch(&own, shape: shape, capacity: capacity, adapters: adapters, threads: threads)
    residual = [
      own.floats(capacity.tokens * shape.hiddenSize), own.floats(capacity.tokens * shape.hiddenSize),
      own.floats(capacity.tokens * shape.hiddenSize),
    ]
    tokens = own.integers(capacity.tokens)
    targets = own.integers(capacity.tokens)
    positions = own.integers(capacity.tokens)
    tiedNormGain = own.floats(shape.hiddenSize)
    tiedNormGainGradient = own.floats(shape.hiddenSize)
    arena = own
  }
}
