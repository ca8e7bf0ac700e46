internal import CKernels

/// Multi-head latent attention: queries directly or through a rank `q_lora_rank`; keys and values through the latent of
/// rank `kv_lora_rank`, beside which one rotated key part of `qk_rope_head_dim` serves all heads.
///
/// The projections that read the layer's input are one product, `projected` [tokens, (queries or query latent) |
/// latent | shared key part]. It is rotated in place. In a backward pass everything has a twin of the same layout.
struct LatentAttention {
  /// Columns of the intermediate results.
  struct Widths {
    let queries: Int
    let keysValues: Int
    let attended: Int
    /// What precedes the latent in `projected`.
    let beforeLatent: Int
    let projected: Int

    init(_ shape: ModelShape) {
      queries = shape.numAttentionHeads * shape.qkHeadDim
      keysValues = shape.numAttentionHeads * (shape.qkNopeHeadDim + shape.vHeadDim)
      attended = shape.numAttentionHeads * shape.vHeadDim
      beforeLatent = shape.qLoraRank ?? queries
      projected = beforeLatent + shape.kvLoraRank + shape.qkRopeHeadDim
    }
  }

  /// The query's way through a low rank: norm of the latent, projection to the heads.
  struct QueryLatent {
    let norm: RMSNorm
    let up: Linear
  }

  let shape: ModelShape
  let widths: Widths
  let projection: Linear
  let queryLatent: QueryLatent?
  let latentNorm: RMSNorm
  let keyValueUp: Linear
  let output: Linear
  let core: CausalAttention

  init(layout: ParameterLayout, layer: Int) {
    let shape = layout.shape
    let widths = Widths(shape)
    let prefix = "model.layers.\(layer).self_attn."
    let first = shape.qLoraRank == nil ? "q_proj.weight" : "q_a_proj.weight"
    self.shape = shape
    self.widths = widths
    projection = Linear(
      offset: layout.offset(prefix + first), inputs: shape.hiddenSize, outputs: widths.projected)
    latentNorm = RMSNorm(
      prefix + "kv_a_layernorm.weight", layout: layout, width: shape.kvLoraRank, eps: shape.latentNormEps,
      gainSlot: 2 * shape.hiddenSize)
    queryLatent = shape.qLoraRank.map { rank in
      QueryLatent(
        norm: RMSNorm(
          prefix + "q_a_layernorm.weight", layout: layout, width: rank, eps: shape.latentNormEps,
          gainSlot: 2 * shape.hiddenSize + shape.kvLoraRank),
        up: Linear(offset: layout.offset(prefix + "q_b_proj.weight"), inputs: rank, outputs: widths.queries))
    }
    keyValueUp = Linear(
      offset: layout.offset(prefix + "kv_b_proj.weight"), inputs: shape.kvLoraRank, outputs: widths.keysValues)
    output = Linear(
      offset: layout.offset(prefix + "o_proj.weight"), inputs: widths.attended, outputs: shape.hiddenSize)
    core = CausalAttention(shape: shape)
  }

  /// The results that the backward pass reads.
  struct Activations {
    /// [tokens, projected], after rotation
    let projected: Floats
    /// [tokens, q rank], [tokens]; [tokens, heads * qk], after rotation. Unused without a query latent.
    let queryLatentNormed: Floats
    let queryLatentRstd: Floats
    let queriesFromLatent: Floats
    /// [tokens, kv rank], [tokens]
    let latentNormed: Floats
    let latentRstd: Floats
    /// [tokens, heads * (nope + v)]
    let keysValues: Floats
    /// [heads, tokens]: of each query the logarithm of its scores' sum
    let logSums: Floats
    /// [tokens, heads * v]
    let attended: Floats
  }

  // MARK: Forward

  /// Input projections, rotation and the up-projections of some rows, from `normed` [tokens, hidden].
  func project(_ rows: Range<Int>, _ pass: Pass, weights: GroupWeights, normed: Floats, _ kept: Activations) {
    projection.forward(
      rows, weights: weights, x: normed, ldx: shape.hiddenSize, y: kept.projected, ldy: widths.projected)
    let sharedKeys = kept.projected + widths.beforeLatent + shape.kvLoraRank
    rotate(rows, pass, sharedKeys, ld: widths.projected, heads: 1, direction: 1)
    if queryLatent == nil {
      rotateQueries(rows, pass, kept.projected, ld: widths.projected, direction: 1)
    }
    latentNorm.forward(
      rows, weights: weights, x: kept.projected + widths.beforeLatent, ldx: widths.projected,
      normed: kept.latentNormed, rstd: kept.latentRstd)
    queryLatent?.norm.forward(
      rows, weights: weights, x: kept.projected, ldx: widths.projected, normed: kept.queryLatentNormed,
      rstd: kept.queryLatentRstd)
    projectUp(rows, pass, weights: weights, kept)
  }

  /// Keys and values from the latent, and queries where they have one: the part that `mla_up_proj` recomputes.
  func projectUp(_ rows: Range<Int>, _ pass: Pass, weights: GroupWeights, _ kept: Activations) {
    keyValueUp.forward(
      rows, weights: weights, x: kept.latentNormed, ldx: shape.kvLoraRank, y: kept.keysValues,
      ldy: widths.keysValues)
    if let queryLatent {
      queryLatent.up.forward(
        rows, weights: weights, x: kept.queryLatentNormed, ldx: queryLatent.up.inputs, y: kept.queriesFromLatent,
        ldy: widths.queries)
      rotateQueries(rows, pass, kept.queriesFromLatent, ld: widths.queries, direction: 1)
    }
  }

  /// Attention proper, over this thread's share of all pairs of segment and head.
  func attend(thread: Int, _ pass: Pass, _ kept: Activations) {
    forEachHead(thread: thread, pass) { head, segment in
      core.forward(
        operands(kept, head: head, token: segment.lowerBound), pass.products, length: segment.count,
        scratch: pass.scratch.threads[thread].attention,
        output: output(kept, pass, head: head, token: segment.lowerBound))
    }
  }

  // MARK: Backward

  /// From the gradient of the layer's attention output [tokens, hidden] to that of the attended values.
  func backwardOutput(_ rows: Range<Int>, _ pass: Pass, weights: GroupWeights, doutput: Floats) {
    output.backward(
      rows, weights: weights, dy: doutput, lddy: shape.hiddenSize, dx: pass.scratch.dattended,
      lddx: widths.attended)
  }

  func backwardAttend(thread: Int, _ pass: Pass, _ kept: Activations) {
    let scratch = pass.scratch
    let rope = shape.qkRopeHeadDim
    forEachHead(thread: thread, pass) { head, segment in
      let token = segment.lowerBound
      let keyValue = token * widths.keysValues + head * (shape.qkNopeHeadDim + shape.vHeadDim)
      let (dqueries, stride) =
        queryLatent == nil ? (scratch.dprojected, widths.projected) : (scratch.dqueries, widths.queries)
      let gradient = CausalAttention.Head(
        queries: dqueries + token * stride + head * shape.qkHeadDim, queryStride: stride,
        keys: scratch.dkeysValues + keyValue, values: scratch.dkeysValues + keyValue + shape.qkNopeHeadDim,
        keyValueStride: widths.keysValues,
        sharedKeys: scratch.dsharedKeys + (token * shape.numAttentionHeads + head) * rope,
        sharedKeyStride: shape.numAttentionHeads * rope)
      core.backward(
        operands(kept, head: head, token: token), pass.products, length: segment.count,
        scratch: scratch.threads[thread].attention, output: output(kept, pass, head: head, token: token),
        doutput: scratch.dattended + token * widths.attended + head * shape.vHeadDim, gradient: gradient)
    }
  }

  /// From the gradients of the attention's operands to that of the layer's normed input.
  func backwardProject(_ rows: Range<Int>, _ pass: Pass, weights: GroupWeights, gainSums: Floats, _ kept: Activations) {
    let scratch = pass.scratch
    let latent = scratch.dprojected + widths.beforeLatent
    let sharedKeys = latent + shape.kvLoraRank
    kernel_sum_heads(
      scratch.dsharedKeys + rows.lowerBound * shape.numAttentionHeads * shape.qkRopeHeadDim,
      shape.numAttentionHeads, shape.qkRopeHeadDim, sharedKeys + rows.lowerBound * widths.projected,
      widths.projected, rows.count)
    rotate(rows, pass, sharedKeys, ld: widths.projected, heads: 1, direction: -1)
    keyValueUp.backward(
      rows, weights: weights, dy: scratch.dkeysValues, lddy: widths.keysValues, dx: scratch.dlatentNormed,
      lddx: shape.kvLoraRank)
    latentNorm.backward(
      rows, weights: weights, gainSums: gainSums, dnormed: scratch.dlatentNormed,
      x: kept.projected + widths.beforeLatent, ldx: widths.projected, rstd: kept.latentRstd, dx: latent,
      lddx: widths.projected)
    if let queryLatent {
      rotateQueries(rows, pass, scratch.dqueries, ld: widths.queries, direction: -1)
      queryLatent.up.backward(
        rows, weights: weights, dy: scratch.dqueries, lddy: widths.queries, dx: scratch.dqueryLatentNormed,
        lddx: queryLatent.up.inputs)
      queryLatent.norm.backward(
        rows, weights: weights, gainSums: gainSums, dnormed: scratch.dqueryLatentNormed, x: kept.projected,
        ldx: widths.projected, rstd: kept.queryLatentRstd, dx: scratch.dprojected, lddx: widths.projected)
    } else {
      rotateQueries(rows, pass, scratch.dprojected, ld: widths.projected, direction: -1)
    }
    projection.backward(
      rows, weights: weights, dy: scratch.dprojected, lddy: widths.projected, dx: scratch.dnormed,
      lddx: shape.hiddenSize)
  }

  /// What the weights' gradients are made of. `normed` [tokens, hidden] is the layer's normed input, `doutput` the
  /// gradient of its attention output.
  func products(_ scratch: Scratch, normed: Floats, doutput: Floats, _ kept: Activations) -> [WeightProduct] {
    func product(_ linear: Linear, dy: Floats, lddy: Int, x: Floats) -> WeightProduct {
      WeightProduct(linear: linear, dy: dy, lddy: lddy, x: x, ldx: linear.inputs)
    }
    var products = [
      product(output, dy: doutput, lddy: shape.hiddenSize, x: kept.attended),
      product(keyValueUp, dy: scratch.dkeysValues, lddy: widths.keysValues, x: kept.latentNormed),
      product(projection, dy: scratch.dprojected, lddy: widths.projected, x: normed),
    ]
    if let queryLatent {
      products.append(
        product(queryLatent.up, dy: scratch.dqueries, lddy: widths.queries, x: kept.queryLatentNormed))
    }
    return products
  }

  // MARK: Operands

  private func operands(_ kept: Activations, head: Int, token: Int) -> CausalAttention.Head {
    let keyValue = token * widths.keysValues + head * (shape.qkNopeHeadDim + shape.vHeadDim)
    let (queries, stride) =
      queryLatent == nil ? (kept.projected, widths.projected) : (kept.queriesFromLatent, widths.queries)
    return CausalAttention.Head(
      queries: queries + token * stride + head * shape.qkHeadDim, queryStride: stride,
      keys: kept.keysValues + keyValue, values: kept.keysValues + keyValue + shape.qkNopeHeadDim,
      keyValueStride: widths.keysValues,
      sharedKeys: kept.projected + token * widths.projected + widths.beforeLatent + shape.kvLoraRank,
      sharedKeyStride: widths.projected)
  }

  private func output(_ kept: Activations, _ pass: Pass, head: Int, token: Int) -> CausalAttention.Output {
    CausalAttention.Output(
      values: kept.attended + token * widths.attended + head * shape.vHeadDim, stride: widths.attended,
      logSums: kept.logSums + head * pass.tokens + token)
  }

  /// Calls `body(head, segment)` for this thread's share of all pairs of the two, heads fastest. Shares are about equal in the
  /// pairs of tokens that attend to each other.
  private func forEachHead(thread: Int, _ pass: Pass, _ body: (Int, Range<Int>) -> Void) {
    func work(_ segment: Range<Int>) -> Double { Double(segment.count) * Double(segment.count + 1) }
    let heads = shape.numAttentionHeads
    let share = Double(heads) * pass.segments.reduce(0) { $0 + work($1) } / Double(pass.pool.threads)
    var done = 0.0
    for segment in pass.segments {
      let work = work(segment)
      for head in 0..<heads {
        // Where its middle lies: nothing is due to two threads, or to none.
        if min(Int((done + work / 2) / share), pass.pool.threads - 1) == thread { body(head, segment) }
        done += work
      }
    }
  }

  /// Whether all pairs of a thread are of tokens whose rows are its own too.
  func attendsWithinRows(_ pass: Pass) -> Bool {
    (0..<pass.pool.threads).allSatisfy { thread in
      let rows = pass.rows(of: thread)
      var isWithin = true
      forEachHead(thread: thread, pass) { _, segment in
        isWithin = isWithin && segment.clamped(to: rows) == segment
      }
      return isWithin
    }
  }

  private func rotateQueries(_ rows: Range<Int>, _ pass: Pass, _ x: Floats, ld: Int, direction: Float) {
    rotate(rows, pass, x + shape.qkNopeHeadDim, ld: ld, heads: shape.numAttentionHeads, direction: direction)
  }

  private func rotate(_ rows: Range<Int>, _ pass: Pass, _ x: Floats, ld: Int, heads: Int, direction: Float) {
    kernel_rope(
      x + rows.lowerBound * ld, ld, shape.qkHeadDim, heads, pass.positions + rows.lowerBound,
      pass.rope.cosines.base, pass.rope.sines.base, pass.rope.pairs, direction, rows.count)
  }
}
