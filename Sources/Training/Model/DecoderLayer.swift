internal import CKernels

/// One decoder layer: `middle = x + attention(norm(x))`, `y = middle + mlp(norm(middle))`.
///
/// Work is cut into phases between which the threads meet: rows of tokens for everything a token can do alone, heads
/// for attention, experts for the routed part, output rows of the weights for their gradients. Around attention they do not
/// where each attends to rows of its own alone, as with a sequence or more for each.
struct DecoderLayer {
  enum FeedForward {
    case dense(GatedMLP)
    case mixture(MixtureOfExperts)
  }

  let shape: ModelShape
  /// Where in its group all parameters but those of routed experts are.
  let region: Range<Int>
  let inputNorm: RMSNorm
  let attention: LatentAttention
  let middleNorm: RMSNorm
  let feedForward: FeedForward

  init(layout: ParameterLayout, layer: Int) {
    let shape = layout.shape
    let prefix = "model.layers.\(layer)."
    self.shape = shape
    region = layout.commonRegion(ofGroup: layer + 1)
    inputNorm = RMSNorm(
      prefix + "input_layernorm.weight", layout: layout, width: shape.hiddenSize, eps: shape.rmsNormEps, gainSlot: 0)
    middleNorm = RMSNorm(
      prefix + "post_attention_layernorm.weight", layout: layout, width: shape.hiddenSize, eps: shape.rmsNormEps,
      gainSlot: shape.hiddenSize)
    attention = LatentAttention(layout: layout, layer: layer)
    if shape.isMixture(layer: layer) {
      feedForward = .mixture(MixtureOfExperts(layout: layout, layer: layer))
    } else {
      let (width, hidden) = (shape.intermediateSize, shape.hiddenSize)
      feedForward = .dense(
        GatedMLP(
          joined: Linear(
            offset: layout.offset(prefix + "mlp.gate_proj.weight"), inputs: hidden, outputs: 2 * width),
          gateColumn: 0, width: width,
          down: Linear(
            offset: layout.offset(prefix + "mlp.down_proj.weight"), inputs: width, outputs: hidden)))
    }
  }

  // MARK: Forward

  /// From `kept.input` to `out` [tokens, hidden], which may be where the next layer keeps its input.
  func forward(_ pass: Pass, weights: GroupWeights, buffers: Floats, out: Floats, _ kept: LayerActivations) {
    let pool = pass.pool
    pool.run { thread in
      let rows = pass.rows(of: thread)
      if !rows.isEmpty {
        normInput(rows, weights: weights, kept)
        attention.project(rows, pass, weights: weights, normed: kept.normedInput, kept.attention)
      }
      pass.meetForAttention()
      attention.attend(thread: thread, pass, kept.attention)
      pass.meetForAttention()
      if !rows.isEmpty { forwardFeedForward(rows, pass, weights: weights, buffers: buffers, out: out, kept) }
    }
    guard case (.mixture(let mixture), .mixture(let activations)) = (feedForward, kept.feedForward) else { return }
    mixture.dispatch(pass, activations)
    pool.run {
      mixture.forwardExperts(thread: $0, pass, weights: weights, normed: kept.normedMiddle, activations)
    }
    pass.forRows { rows in
      mixture.combine(rows, pass, into: out, accumulate: shape.nSharedExperts > 0, activations)
      add(kept.middle, to: out, rows)
    }
  }

  /// From attended values to `kept.middle` and through the dense MLP, or the router and the shared experts.
  private func forwardFeedForward(
    _ rows: Range<Int>, _ pass: Pass, weights: GroupWeights, buffers: Floats, out: Floats, _ kept: LayerActivations
  ) {
    let (hidden, output) = (shape.hiddenSize, pass.scratch.blockOutput)
    attention.output.forward(
      rows, weights: weights, x: kept.attention.attended, ldx: attention.widths.attended, y: output, ldy: hidden)
    middleNorm.forwardAdding(
      rows, weights: weights, x: kept.input, y: output, sum: kept.middle, normed: kept.normedMiddle,
      rstd: kept.middleRstd)
    switch (feedForward, kept.feedForward) {
    case (.dense(let mlp), .dense(let joined)):
      mlp.joined.forward(
        rows, weights: weights, x: kept.normedMiddle, ldx: hidden, y: joined, ldy: mlp.joined.distance)
      mlp.forwardDown(
        rows, weights: weights, joinedOutput: joined, activation: pass.scratch.activation, out: out)
      add(kept.middle, to: out, rows)
    case (.mixture(let mixture), .mixture(let activations)):
      mixture.forwardShared(
        rows, pass, weights: weights, buffers: buffers, normed: kept.normedMiddle, out: out, activations)
    default: preconditionFailure("activations of another kind of layer")
    }
  }

  private func add(_ x: Floats, to out: Floats, _ rows: Range<Int>) {
    let start = rows.lowerBound * shape.hiddenSize
    kernel_add(x + start, out + start, rows.count * shape.hiddenSize)
  }

  private func normInput(_ rows: Range<Int>, weights: GroupWeights, _ kept: LayerActivations) {
    inputNorm.forward(
      rows, weights: weights, x: kept.input, ldx: shape.hiddenSize, normed: kept.normedInput, rstd: kept.inputRstd)
  }

  // MARK: Recomputation

  /// Brings back what `kept.recomputed` says was not kept, so that `backward` finds everything.
  func recompute(_ pass: Pass, weights: GroupWeights, buffers: Floats, _ kept: LayerActivations) {
    let parts = kept.recomputed
    if parts.contains(.rest) {
      forward(pass, weights: weights, buffers: buffers, out: pass.scratch.blockOutput, kept)
      return
    }
    guard !parts.isDisjoint(with: [.norms, .upProjections, .shared, .experts, .dense]) else { return }
    pass.forRows { rows in
      if parts.contains(.norms) {
        normInput(rows, weights: weights, kept)
        middleNorm.forward(
          rows, weights: weights, x: kept.middle, ldx: shape.hiddenSize, normed: kept.normedMiddle,
          rstd: kept.middleRstd)
      }
      if parts.contains(.upProjections) { attention.projectUp(rows, pass, weights: weights, kept.attention) }
      recomputeFeedForward(rows, pass, weights: weights, buffers: buffers, kept)
    }
    if case (.mixture(let mixture), .mixture(let activations)) = (feedForward, kept.feedForward),
      parts.contains(.experts)
    {
      mixture.dispatch(pass, activations)
      pass.pool.run {
        mixture.forwardExperts(thread: $0, pass, weights: weights, normed: kept.normedMiddle, activations)
      }
    }
  }

  private func recomputeFeedForward(
    _ rows: Range<Int>, _ pass: Pass, weights: GroupWeights, buffers: Floats, _ kept: LayerActivations
  ) {
    switch (feedForward, kept.feedForward) {
    case (.dense(let mlp), .dense(let joined)) where kept.recomputed.contains(.dense):
      mlp.joined.forward(
        rows, weights: weights, x: kept.normedMiddle, ldx: shape.hiddenSize, y: joined, ldy: mlp.joined.distance)
    case (.mixture(let mixture), .mixture(let activations)) where kept.recomputed.contains(.shared):
      mixture.forwardShared(
        rows, pass, weights: weights, buffers: buffers, normed: kept.normedMiddle, out: pass.scratch.blockOutput,
        activations)
    default: break
    }
  }

  // MARK: Backward

  /// Turns `gradient.output`, that of the layer's output, into `gradient.input`, and writes or adds the weights', or, where
  /// these are frozen (no `gradients`), the adapters'.
  func backward(
    _ pass: Pass, weights: GroupWeights, gradients: GradientTarget?, gradient: ResidualGradients,
    _ kept: LayerActivations
  ) {
    let pool = pass.pool
    let scratch = pass.scratch
    let gainCount = Scratch.gainCount(shape)
    for thread in scratch.threads { thread.gainSums.update(repeating: 0, count: gainCount) }
    var balance: Floats?
    if case (.mixture(let mixture), .mixture(let activations)) = (feedForward, kept.feedForward) {
      balance = mixture.balanceGradient(pass, activations)
      pool.run {
        mixture.backwardExperts(
          thread: $0, pass, weights: weights, gradients: gradients, normed: kept.normedMiddle,
          dout: gradient.output, activations)
      }
      mixture.backwardCutExperts(
        pass, weights: weights, gradients: gradients, normed: kept.normedMiddle, dout: gradient.output, activations)
    }
    pool.run { thread in
      let rows = pass.rows(of: thread)
      let gainSums = scratch.threads[thread].gainSums
      // What was kept on the way forward has left the near caches since.
      func fetching(_ kept: Floats, width: Int) -> GroupWeights {
        weights.fetching(UpcomingMemory(rows, of: kept, width: width))
      }
      if !rows.isEmpty {
        backwardFeedForward(
          rows, pass, weights: fetching(kept.middle, width: shape.hiddenSize), balance: balance, gradient, kept)
        middleNorm.backward(
          rows, weights: weights, gainSums: gainSums, dnormed: scratch.dnormed, x: kept.middle,
          ldx: shape.hiddenSize, rstd: kept.middleRstd, residual: gradient.output, dx: gradient.middle,
          lddx: shape.hiddenSize)
        attention.backwardOutput(
          rows, pass, weights: fetching(kept.attention.keysValues, width: attention.widths.keysValues),
          doutput: gradient.middle)
      }
      pass.meetForAttention()
      attention.backwardAttend(thread: thread, pass, kept.attention)
      pass.meetForAttention()
      if !rows.isEmpty {
        attention.backwardProject(
          rows, pass, weights: fetching(kept.input, width: shape.hiddenSize), gainSums: gainSums, kept.attention)
        inputNorm.backward(
          rows, weights: weights, gainSums: gainSums, dnormed: scratch.dnormed, x: kept.input, ldx: shape.hiddenSize,
          rstd: kept.inputRstd, residual: gradient.middle, dx: gradient.input, lddx: shape.hiddenSize)
      }
    }
    let products =
      attention.products(scratch, normed: kept.normedInput, doutput: gradient.middle, kept.attention)
      + feedForwardProducts(scratch, gradient, kept)
    WeightProduct.addGradients(products, pass, weights: weights, region: region, gradients)
    if let gradients {
      let norms = [inputNorm, middleNorm, attention.latentNorm] + (attention.queryLatent.map { [$0.norm] } ?? [])
      for norm in norms { norm.storeGradient(scratch, gradients) }
    }
  }

  private func backwardFeedForward(
    _ rows: Range<Int>, _ pass: Pass, weights: GroupWeights, balance: Floats?, _ gradient: ResidualGradients,
    _ kept: LayerActivations
  ) {
    switch (feedForward, kept.feedForward) {
    case (.dense(let mlp), .dense(let joined)):
      mlp.backwardDown(
        rows, weights: weights, dout: gradient.output, joinedOutput: joined, activation: pass.scratch.activation)
      mlp.joined.backward(
        rows, weights: weights, dy: joined, lddy: mlp.joined.distance, dx: pass.scratch.dnormed,
        lddx: shape.hiddenSize)
    case (.mixture(let mixture), .mixture(let activations)):
      mixture.backwardShared(
        rows, pass, weights: weights, dout: gradient.output, balance: balance, dnormed: pass.scratch.dnormed,
        activations)
    default: preconditionFailure("activations of another kind of layer")
    }
  }

  private func feedForwardProducts(
    _ scratch: Scratch, _ gradient: ResidualGradients, _ kept: LayerActivations
  ) -> [WeightProduct] {
    let mlp: GatedMLP
    let joined: Floats
    switch (feedForward, kept.feedForward) {
    case (.dense(let dense), .dense(let activations)): (mlp, joined) = (dense, activations)
    case (.mixture(let mixture), .mixture(let activations)): (mlp, joined) = (mixture.shared, activations.joined)
    default: preconditionFailure("activations of another kind of layer")
    }
    return mlp.products(
      dout: gradient.output, djoined: joined, activation: scratch.activation, normed: kept.normedMiddle)
  }
}

/// Gradients of the residual stream [tokens, hidden] around one layer.
struct ResidualGradients {
  let output: Floats
  let middle: Floats
  let input: Floats
}
