/// One or several joined projections `y = x Wᵀ` without bias; `W` is `[outputs, inputs]` at `offset` in its group.
struct Linear {
  let offset: Int
  let inputs: Int
  let outputs: Int

  /// `y` [rows, outputs at distance ldy] from `x` [rows, inputs at distance ldx].
  func forward(_ rows: Range<Int>, weights: Floats, x: Floats, ldx: Int, y: Floats, ldy: Int) {
    MatrixProduct.timesTransposed(
      x + rows.lowerBound * ldx, ldx, weights + offset, inputs, into: y + rows.lowerBound * ldy, ldy,
      m: rows.count, n: outputs, k: inputs)
  }

  /// `dx (+)= dy W`
  func backward(
    _ rows: Range<Int>, weights: Floats, dy: Floats, lddy: Int, dx: Floats, lddx: Int, accumulate: Bool = false
  ) {
    MatrixProduct.times(
      dy + rows.lowerBound * lddy, lddy, weights + offset, inputs, into: dx + rows.lowerBound * lddx, lddx,
      m: rows.count, n: inputs, k: outputs, beta: accumulate ? 1 : 0)
  }

  /// `dW (+)= dyᵀ x` over `tokens` rows, restricted to this thread's share of the outputs.
  func weightGradient(
    _ pool: WorkerPool, thread: Int, tokens: Int, gradients: GradientTarget, dy: Floats, lddy: Int, x: Floats,
    ldx: Int
  ) {
    let part = pool.share(of: outputs, grain: 16, thread: thread)
    MatrixProduct.transposedTimes(
      dy + part.lowerBound, lddy, x, ldx, into: gradients.base + offset + part.lowerBound * inputs, inputs,
      m: part.count, n: inputs, k: tokens, beta: gradients.beta)
  }
}

/// Where the gradients of one group of parameters go: added to what is there (`beta` 1) or in its place (0).
struct GradientTarget {
  let base: Floats
  let beta: Float
  /// Gradients that nobody reads are not computed.
  var needed: NeededGradients = .all
}

/// The joined matrices of a group whose gradients are wanted; with frozen weights few are.
struct NeededGradients: OptionSet {
  let rawValue: Int
  static let attention = NeededGradients(rawValue: 1)
  /// The dense MLP, or router and shared experts.
  static let dense = NeededGradients(rawValue: 2)
  static let experts = NeededGradients(rawValue: 4)
  static let norms = NeededGradients(rawValue: 8)
  static let vocabulary = NeededGradients(rawValue: 16)
  static let all: NeededGradients = [.attention, .dense, .experts, .norms, .vocabulary]
}
