internal import CKernels

/// Final norm, output projection and cross entropy, a chunk of tokens at a time so that the logits of a large
/// vocabulary are never all in memory. Forward and backward are one visit: the loss' gradient needs nothing from above.
struct OutputHead {
  let shape: ModelShape
  let norm: RMSNorm
  /// Within its group: the embedding's where the two are tied.
  let projection: Linear
  /// What of that group's parameters is shared out among threads with it.
  let region: Range<Int>

  init(layout: ParameterLayout) {
    shape = layout.shape
    region = layout.commonRegion(ofGroup: shape.tieWordEmbeddings ? 0 : layout.groups.count - 1)
    norm = RMSNorm(
      "model.norm.weight", layout: layout, width: shape.hiddenSize, eps: shape.rmsNormEps, gainSlot: 0)
    projection = Linear(
      offset: layout.offset(shape.tieWordEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"),
      inputs: shape.hiddenSize, outputs: shape.vocabSize)
  }

  struct Activations {
    /// [tokens, hidden]: the last layer's output, and normed; [tokens]
    let input: Floats
    let normed: Floats
    let rstd: Floats
    /// [rows of a chunk, vocabulary at its distance]
    let logits: Floats
    let rowsAtATime: Int
    /// [tokens]
    let losses: Floats
    let rowScales: Floats

    init(_ arena: inout Arena, shape: ModelShape, capacity: BatchCapacity) {
      let tokens = capacity.tokens
      rowsAtATime = OutputHead.rowsAtATime(vocabSize: shape.vocabSize, tokens: tokens)
      input = arena.floats(tokens * shape.hiddenSize)
      normed = arena.floats(tokens * shape.hiddenSize)
      rstd = arena.floats(tokens)
      logits = arena.floats(rowsAtATime * Linear.distance(outputs: shape.vocabSize))
      losses = arena.floats(tokens)
      rowScales = arena.floats(tokens)
    }
  }

  /// As many rows as fit in 64 MiB of logits, but at least 64, for which a product is still efficient.
  static func rowsAtATime(vocabSize: Int, tokens: Int) -> Int {
    min(tokens, max(64, (1 << 24) / vocabSize))
  }

  /// Where the gradients of norm and projection go.
  typealias Gradients = (norm: GradientTarget, projection: GradientTarget)

  /// Writes `kept.losses`; in training also `dinput` [tokens, hidden] and, unless they are frozen, the weights' gradients.
  /// `kept.rowScales` holds each token's factor in the loss.
  func run(
    _ pass: Pass, normWeights: GroupWeights, weights: GroupWeights, targets: UnsafePointer<Int32>,
    isTraining: Bool, gradients: Gradients?, dinput: Floats, _ kept: Activations
  ) {
    let pool = pass.pool
    let (hidden, vocabulary, distance) = (shape.hiddenSize, shape.vocabSize, projection.distance)
    for thread in pass.scratch.threads { thread.gainSums.update(repeating: 0, count: hidden) }
    for start in stride(from: 0, to: pass.tokens, by: kept.rowsAtATime) {
      let chunk = start..<min(start + kept.rowsAtATime, pass.tokens)
      pool.run { thread in
        let share = pool.share(of: chunk.count, grain: 8, thread: thread)
        guard !share.isEmpty else { return }
        let rows = start + share.lowerBound..<start + share.upperBound
        computeLogits(rows, normWeights: normWeights, weights: weights, firstRow: start, kept)
        let logits = kept.logits + share.lowerBound * distance
        let targets = targets + rows.lowerBound
        guard isTraining else {
          kernel_cross_entropy_forward(
            logits, distance, targets, kept.losses + rows.lowerBound, rows.count, vocabulary)
          return
        }
        kernel_cross_entropy(
          logits, distance, targets, kept.rowScales + rows.lowerBound, kept.losses + rows.lowerBound, rows.count,
          vocabulary)
        projection.backward(
          0..<rows.count, weights: weights, dy: logits, lddy: distance,
          dx: pass.scratch.dnormed + rows.lowerBound * hidden, lddx: hidden)
        norm.backward(
          rows, weights: normWeights, gainSums: pass.scratch.threads[thread].gainSums, dnormed: pass.scratch.dnormed,
          x: kept.input, ldx: hidden, rstd: kept.rstd, dx: dinput, lddx: hidden)
      }
      if let target = gradients?.projection {
        let product = WeightProduct(
          linear: projection, dy: kept.logits, lddy: distance, x: kept.normed + start * hidden, ldx: hidden)
        pool.run { thread in
          product.addWeightGradient(
            outputs: projection.outputs(ofShare: region, pool, thread: thread), tokens: chunk.count, weights.products,
            GradientTarget(base: target.base, beta: start == 0 ? target.beta : 1))
        }
      }
    }
    if let target = gradients?.norm { norm.storeGradient(pass.scratch, target) }
  }

  /// The logits of `rows`, into `kept.logits` counted from `firstRow`.
  func computeLogits(
    _ rows: Range<Int>, normWeights: GroupWeights, weights: GroupWeights, firstRow: Int, _ kept: Activations
  ) {
    let hidden = shape.hiddenSize
    norm.forward(
      rows, weights: normWeights, x: kept.input, ldx: hidden, normed: kept.normed, rstd: kept.rstd)
    projection.forward(
      0..<rows.count, weights: weights, x: kept.normed + rows.lowerBound * hidden, ldx: hidden,
      y: kept.logits + (rows.lowerBound - firstRow) * projection.distance, ldy: projection.distance)
  }
}
