internal import CKernels

/// A sigmoid router, shared experts on every token, and routed experts on the tokens that chose them (dropless).
///
/// The router's weight stands before the shared experts' gate and up, so that `shared.joined` computes all three. An
/// expert's weight is applied to its activation instead of its output, which is the same product and smaller. The router is
/// fp32, as with Megatron's `moe_router_dtype`, whatever the other products are.
struct MixtureOfExperts {
  /// Rows of one expert handled at a time: bounds the scratch memory of a thread.
  static let rowsAtATime = 512

  let shape: ModelShape
  let settings: router_settings
  /// Router, gate and up of the shared experts; without shared experts the router alone.
  let shared: GatedMLP
  /// Of the first expert; all experts are alike and `expertStride` apart.
  let gateUp: Linear
  let down: Linear
  let expertStride: Int
  /// Place of `e_score_correction_bias` among the buffers.
  let biasOffset: Int

  init(layout: ParameterLayout, layer: Int) {
    let shape = layout.shape
    let prefix = "model.layers.\(layer).mlp."
    let (hidden, width) = (shape.hiddenSize, shape.moeIntermediateSize)
    let sharedWidth = shape.sharedIntermediateSize
    let first = layout.offset(prefix + "experts.0.gate_proj.weight")
    self.shape = shape
    settings = router_settings(
      experts: shape.nRoutedExperts, top_k: shape.numExpertsPerTok, groups: shape.nGroup,
      top_groups: shape.topkGroup, normalise: shape.normTopkProb ? 1 : 0, scaling: shape.routedScalingFactor)
    shared = GatedMLP(
      joined: Linear(
        offset: layout.offset(prefix + "gate.weight"), inputs: hidden,
        outputs: shape.nRoutedExperts + 2 * sharedWidth, fp32Outputs: shape.nRoutedExperts),
      gateColumn: shape.nRoutedExperts, width: sharedWidth,
      down: Linear(
        offset: sharedWidth > 0 ? layout.offset(prefix + "shared_experts.down_proj.weight") : 0,
        inputs: sharedWidth, outputs: hidden))
    gateUp = Linear(offset: first, inputs: hidden, outputs: 2 * width)
    down = Linear(
      offset: layout.offset(prefix + "experts.0.down_proj.weight"), inputs: width, outputs: hidden)
    expertStride =
      shape.nRoutedExperts > 1 ? layout.offset(prefix + "experts.1.gate_proj.weight") - first : 0
    biasOffset = layout.offset(prefix + "gate.e_score_correction_bias")
  }

  struct Activations {
    /// [tokens, experts + 2 * shared width, at their distance]: router logits, shared gate and up
    let joined: Floats
    /// [tokens, experts]: sigmoid of the logits
    let scores: Floats
    let dispatch: ExpertDispatch
    /// [tokens * top-k, 2 * expert width], by slot
    let gateUp: Floats
  }

  // MARK: Forward

  /// Router and shared experts of some rows: `out` [tokens, hidden] receives the shared experts' output.
  func forwardShared(
    _ rows: Range<Int>, _ pass: Pass, weights: GroupWeights, buffers: Floats, normed: Floats, out: Floats,
    _ kept: Activations
  ) {
    let joined = shared.joined
    joined.forward(rows, weights: weights, x: normed, ldx: shape.hiddenSize, y: kept.joined, ldy: joined.distance)
    let firstChoice = rows.lowerBound * shape.numExpertsPerTok
    kernel_route(
      kept.joined + rows.lowerBound * joined.distance, joined.distance, buffers + biasOffset, settings,
      kept.scores + rows.lowerBound * shape.nRoutedExperts, kept.dispatch.choices + firstChoice,
      kept.dispatch.choiceWeights + firstChoice, rows.count)
    shared.forwardDown(
      rows, weights: weights, joinedOutput: kept.joined, activation: pass.scratch.activation, out: out)
  }

  /// Once the rows of all tokens are routed.
  func dispatch(_ pass: Pass, _ kept: Activations) {
    kept.dispatch.assign(
      tokens: pass.tokens, perToken: shape.numExpertsPerTok, experts: shape.nRoutedExperts, pass.pool)
  }

  /// This thread's part of all experts: their outputs, weighted, go to `scratch.slots`.
  func forwardExperts(thread: Int, _ pass: Pass, weights: GroupWeights, normed: Floats, _ kept: Activations) {
    let (hidden, width) = (shape.hiddenSize, shape.moeIntermediateSize)
    let scratch = pass.scratch.threads[thread]
    forEachPiece(thread, pass, kept, largest: largestPiece(pass)) { expert, slots, following in
      forEachChunk(of: slots) { slots, _ in
        let weights = weights.advanced(by: expert * expertStride, firstRow: slots.lowerBound)
        let distance = (following - expert) * expertStride
        let gate = kept.gateUp + slots.lowerBound * 2 * width
        kernel_gather_rows(
          normed, hidden, kept.dispatch.tokens + slots.lowerBound, scratch.expertRows, slots.count, hidden)
        gateUp.forward(
          0..<slots.count, weights: weights.fetching(down, .forward), x: scratch.expertRows, ldx: hidden, y: gate,
          ldy: 2 * width)
        kernel_silu_gate(
          gate, gate + width, 2 * width, kept.dispatch.slotWeights + slots.lowerBound, scratch.expertActivation, width,
          slots.count, width)
        down.forward(
          0..<slots.count, weights: weights.fetching(gateUp, .forward, by: distance), x: scratch.expertActivation,
          ldx: width, y: pass.scratch.slots + slots.lowerBound * hidden, ldy: hidden)
      }
    }
  }

  /// Adds the experts' outputs to `out` [tokens, hidden].
  func combine(_ rows: Range<Int>, _ pass: Pass, into out: Floats, accumulate: Bool, _ kept: Activations) {
    kernel_combine_rows(
      pass.scratch.slots, kept.dispatch.slots + rows.lowerBound * shape.numExpertsPerTok, shape.numExpertsPerTok,
      out + rows.lowerBound * shape.hiddenSize, accumulate ? 1 : 0, rows.count, shape.hiddenSize)
  }

  // MARK: Backward

  /// This thread's part of all experts: the gradients of their weights or adapters, and of their inputs into
  /// `scratch.slots`. `dout` is the gradient of the layer's output, `kept.gateUp` is used up. Of experts that are cut among
  /// threads the weights' gradients are left to ``backwardCutExperts(_:weights:gradients:normed:dout:_:)``.
  func backwardExperts(
    thread: Int, _ pass: Pass, weights: GroupWeights, gradients: GradientTarget?, normed: Floats, dout: Floats,
    _ kept: Activations
  ) {
    let (hidden, width) = (shape.hiddenSize, shape.moeIntermediateSize)
    let scratch = pass.scratch.threads[thread]
    let rows = scratch.expertRows
    forEachPiece(thread, pass, kept, largest: largestBackwardPiece(pass, gradients)) { expert, piece, following in
      let isWhole = piece == kept.dispatch.slots(of: expert)
      let target = gradients.map { GradientTarget(base: $0.base + expert * expertStride, beta: $0.beta) }
      if piece.isEmpty, let target, target.beta == 0 {
        // No token chose it: its gradient is zero, and the optimizer goes on (Megatron's gradient buffers hold zeros).
        (target.base + gateUp.offset).update(repeating: 0, count: gateUp.inputs * gateUp.outputs)
        (target.base + down.offset).update(repeating: 0, count: down.inputs * down.outputs)
      }
      forEachChunk(of: piece) { slots, isFirst in
        let weights = weights.advanced(by: expert * expertStride, firstRow: slots.lowerBound)
        let target = target.map { GradientTarget(base: $0.base, beta: isFirst ? $0.beta : 1) }
        let distance = (following - expert) * expertStride
        let tokens = kept.dispatch.tokens + slots.lowerBound
        let gate = kept.gateUp + slots.lowerBound * 2 * width
        let activation = isWhole ? scratch.expertActivation : pass.scratch.cutActivations + slots.lowerBound * width
        let count = slots.count
        kernel_gather_rows(dout, hidden, tokens, rows, count, hidden)
        let gateMemory = UpcomingMemory(slots, of: kept.gateUp, width: 2 * width)
        down.backward(
          0..<count, weights: weights.fetching(gateMemory), dy: rows, lddy: hidden, dx: activation, lddx: width)
        kernel_silu_gate_backward(
          activation, width, gate, gate + width, 2 * width, kept.dispatch.slotWeights + slots.lowerBound,
          pass.scratch.dslotWeights + slots.lowerBound, activation, width, count, width)
        if isWhole {
          WeightProduct(linear: down, dy: rows, lddy: hidden, x: activation, ldx: width)
            .addGradients(tokens: count, weights: weights, target)
          if target != nil || weights.hasAdapter(of: gateUp) {
            kernel_gather_rows(normed, hidden, tokens, rows, count, hidden)
            WeightProduct(linear: gateUp, dy: gate, lddy: 2 * width, x: rows, ldx: hidden)
              .addGradients(tokens: count, weights: weights.fetching(gateUp, .backward), target)
          }
        }
        gateUp.backward(
          0..<count, weights: weights.fetching(down, .backward, by: distance), dy: gate, lddy: 2 * width,
          dx: pass.scratch.slots + slots.lowerBound * hidden, lddx: hidden)
      }
    }
  }

  /// On all threads, behind ``backwardExperts(thread:_:weights:gradients:normed:dout:_:)``: the weights' gradients of experts
  /// that were cut, which are cut by outputs here.
  func backwardCutExperts(
    _ pass: Pass, weights: GroupWeights, gradients: GradientTarget?, normed: Floats, dout: Floats, _ kept: Activations
  ) {
    let (hidden, width) = (shape.hiddenSize, shape.moeIntermediateSize)
    let largest = largestBackwardPiece(pass, gradients)
    guard let gradients, (0..<shape.nRoutedExperts).contains(where: { kept.dispatch.slots(of: $0).count > largest })
    else { return }
    pass.pool.run { thread in
      let rows = pass.scratch.threads[thread].expertRows
      forEachPiece(thread, pass, kept, largest: largest) { expert, piece, _ in
        let all = kept.dispatch.slots(of: expert)
        guard piece != all else { return }
        // The piece of the slots stands for the same part of the outputs.
        func outputs(_ linear: Linear) -> Range<Int> {
          let (from, to) = (piece.lowerBound - all.lowerBound, piece.upperBound - all.lowerBound)
          return linear.outputs * from / all.count..<linear.outputs * to / all.count
        }
        forEachChunk(of: all) { slots, isFirst in
          let target = GradientTarget(base: gradients.base + expert * expertStride, beta: isFirst ? gradients.beta : 1)
          let tokens = kept.dispatch.tokens + slots.lowerBound
          kernel_gather_rows(dout, hidden, tokens, rows, slots.count, hidden)
          WeightProduct(
            linear: down, dy: rows, lddy: hidden, x: pass.scratch.cutActivations + slots.lowerBound * width, ldx: width
          ).addWeightGradient(outputs: outputs(down), tokens: slots.count, weights.products, target)
          kernel_gather_rows(normed, hidden, tokens, rows, slots.count, hidden)
          WeightProduct(
            linear: gateUp, dy: kept.gateUp + slots.lowerBound * 2 * width, lddy: 2 * width, x: rows, ldx: hidden
          ).addWeightGradient(outputs: outputs(gateUp), tokens: slots.count, weights.products, target)
        }
      }
    }
  }

  /// From the experts' input gradients, the router's and the shared experts', to `dnormed` [tokens, hidden].
  func backwardShared(
    _ rows: Range<Int>, _ pass: Pass, weights: GroupWeights, dout: Floats, balance: Floats?, dnormed: Floats,
    _ kept: Activations
  ) {
    let (joined, experts, perToken) = (shared.joined, shape.nRoutedExperts, shape.numExpertsPerTok)
    shared.backwardDown(
      rows, weights: weights, dout: dout, joinedOutput: kept.joined, activation: pass.scratch.activation)
    let choices = rows.lowerBound * perToken..<rows.upperBound * perToken
    for choice in choices {
      pass.scratch.dchoiceWeights[choice] = pass.scratch.dslotWeights[Int(kept.dispatch.slots[choice])]
    }
    // The balance loss is one of each sequence, so rows are handled sequence by sequence.
    var row = rows.lowerBound
    while row < rows.upperBound {
      let end = balance == nil ? rows.upperBound : min(rows.upperBound, (row / pass.length + 1) * pass.length)
      kernel_route_backward(
        pass.scratch.dchoiceWeights + row * perToken, kept.scores + row * experts,
        kept.dispatch.choices + row * perToken, settings, balance.map { $0 + row / pass.length * experts },
        kept.joined + row * joined.distance, joined.distance, end - row)
      row = end
    }
    joined.backward(
      rows, weights: weights, dy: kept.joined, lddy: joined.distance, dx: dnormed, lddx: shape.hiddenSize)
    combine(rows, pass, into: dnormed, accumulate: true, kept)
  }

  // MARK: Pieces of work

  /// Slots of the largest piece that an expert is cut into, so that no thread is left with much more than the others.
  private func largestPiece(_ pass: Pass) -> Int {
    pass.pool.threads == 1 ? Int.max : max(64, pass.tokens * shape.numExpertsPerTok / (3 * pass.pool.threads))
  }

  /// Adapters' gradients are one expert's on one thread.
  private func largestBackwardPiece(_ pass: Pass, _ gradients: GradientTarget?) -> Int {
    gradients == nil ? Int.max : largestPiece(pass)
  }

  /// Calls `body(expert, slots, the expert that is probably the thread's next)` for pieces of all experts' slots, those of a
  /// thread's own experts first, then what others have left of theirs; once with no slots for an expert without tokens.
  ///
  /// An expert is mostly the same thread's, whose caches then hold its weights, gradients and the optimizer's states.
  private func forEachPiece(
    _ thread: Int, _ pass: Pass, _ kept: Activations, largest: Int, _ body: (Int, Range<Int>, Int) -> Void
  ) {
    let pool = pass.pool
    for turn in 0..<pool.threads {
      let owner = (thread + turn) % pool.threads
      let places = pool.share(of: shape.nRoutedExperts, thread: owner)
      guard let last = places.last else { continue }
      var (mine, first) = (pool.take(from: owner), 0)
      for place in places {
        let expert = Int(kept.dispatch.order[place])
        let slots = kept.dispatch.slots(of: expert)
        let pieces = max(1, slots.count / largest + (slots.count % largest > 0 ? 1 : 0))
        let following = Int(kept.dispatch.order[min(place + 1, last)])
        while mine < first + pieces {
          let piece = mine - first
          body(
            expert,
            slots.lowerBound + slots.count * piece / pieces..<slots.lowerBound + slots.count * (piece + 1) / pieces,
            following)
          mine = pool.take(from: owner)
        }
        first += pieces
      }
    }
  }

  /// Calls `body(slots, whether they are the first)` in chunks of `rowsAtATime`.
  private func forEachChunk(of slots: Range<Int>, _ body: (Range<Int>, Bool) -> Void) {
    for start in stride(from: slots.lowerBound, to: slots.upperBound, by: Self.rowsAtATime) {
      body(start..<min(start + Self.rowsAtATime, slots.upperBound), start == slots.lowerBound)
    }
  }
}
