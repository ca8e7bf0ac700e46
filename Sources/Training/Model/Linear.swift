/// One or several joined projections `y = x Wᵀ` without bias; `W` is `[outputs, inputs]` at `offset` in its group.
/// Adapters of the joined matrices add their part to every product.
struct Linear {
  let offset: Int
  let inputs: Int
  let outputs: Int
  /// How many of the first outputs are multiplied in fp32 whatever the others are: the router's.
  var fp32Outputs = 0

  /// Floats from one row of results to the next, where they have memory of their own.
  var distance: Int { Self.distance(outputs: outputs) }

  /// Some more than there are outputs where rows would lie whole pages apart, and so share sets of the first cache (a linear
  /// layer of 1024 outputs on Zen 4: 6 % of its products' time).
  static func distance(outputs: Int) -> Int { outputs % 1024 == 0 ? outputs + 16 : outputs }

  /// `y` [rows, outputs at distance ldy] from `x` [rows, inputs at distance ldx].
  func forward(_ rows: Range<Int>, weights: GroupWeights, x: Floats, ldx: Int, y: Floats, ldy: Int) {
    let (x, y) = (x + rows.lowerBound * ldx, y + rows.lowerBound * ldy)
    forEachPart(weights.products) { part, products in
      weights.forEachOutputBlock(of: self, rows: part, for: products, .forward) { block, w in
        products.timesTransposed(
          x, ldx, w, inputs, into: y + block.lowerBound, ldy, m: rows.count, n: block.count, k: inputs)
      }
    }
    weights.forEachAdapter(of: self) { adapter, column in
      adapter.forward(
        rows.count, firstRow: weights.firstRow + rows.lowerBound, of: self, column: column, weights: weights, x: x,
        ldx: ldx, y: y + column, ldy: ldy)
    }
  }

  /// `dx (+)= dy W`
  func backward(
    _ rows: Range<Int>, weights: GroupWeights, dy: Floats, lddy: Int, dx: Floats, lddx: Int, accumulate: Bool = false
  ) {
    let (dy, dx) = (dy + rows.lowerBound * lddy, dx + rows.lowerBound * lddx)
    forEachPart(weights.products) { part, products in
      weights.forEachOutputBlock(of: self, rows: part, for: products, .backward) { block, w in
        products.times(
          dy + block.lowerBound, lddy, w, inputs, into: dx, lddx, m: rows.count, n: inputs, k: block.count,
          beta: accumulate || block.lowerBound > 0 ? 1 : 0)
      }
    }
    weights.forEachAdapter(of: self) { adapter, column in
      adapter.backward(
        rows.count, firstRow: weights.firstRow + rows.lowerBound, of: self, column: column, weights: weights,
        dy: dy + column, lddy: lddy, dx: dx, lddx: lddx)
    }
  }

  /// The outputs of whose weights a thread writes the gradients: those of whose weights most are in its share of `region`, which
  /// the optimizer has it update, so that they stay in its caches.
  func outputs(ofShare region: Range<Int>, _ pool: WorkerPool, thread: Int) -> Range<Int> {
    let share = pool.share(of: region, thread: thread)
    return output(at: share.lowerBound)..<output(at: share.upperBound)
  }

  /// That of 16 outputs whose weights begin next to a place in the group.
  private func output(at place: Int) -> Int {
    guard place < offset + outputs * inputs else { return outputs }
    return min(outputs, (max(0, place - offset) + 8 * inputs) / (16 * inputs) * 16)
  }

  /// Calls `body` for the outputs, or some of them, that are multiplied alike.
  func forEachPart(
    _ products: MatrixProduct, outputs: Range<Int>? = nil, _ body: (Range<Int>, MatrixProduct) -> Void
  ) {
    let outputs = outputs ?? 0..<self.outputs
    let exact = products.precision == .fp32 ? 0..<0 : (0..<fp32Outputs).clamped(to: outputs)
    if !exact.isEmpty { body(exact, .fp32) }
    let others = max(outputs.lowerBound, exact.upperBound)..<outputs.upperBound
    if !others.isEmpty { body(others, products) }
  }
}

/// Where the gradients of one group of parameters go: added to what is there (`beta` 1) or in its place (0).
struct GradientTarget {
  let base: Floats
  let beta: Float
}
