/// A product of the forward pass as its weights' gradients need it: what went in, and the gradient of what came out.
struct WeightProduct {
  let linear: Linear
  /// [tokens, outputs at distance lddy]
  let dy: Floats
  let lddy: Int
  /// [tokens, inputs at distance ldx]
  let x: Floats
  let ldx: Int

  /// On one thread: the gradients of the weights, or, where these are frozen (`nil`), of their adapters.
  func addGradients(tokens: Int, weights: GroupWeights, _ gradients: GradientTarget?) {
    if let gradients {
      return addWeightGradient(outputs: 0..<linear.outputs, tokens: tokens, weights.products, gradients)
    }
    weights.forEachAdapter(of: linear) { adapter, column in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * tokens * adapter.rank) { projected in
        guard let u = projected.baseAddress else { return }
        let du = u + tokens * adapter.rank
        adapter.projectBoth(0..<tokens, self, column: column, weights: weights, u: u, du: du)
        adapter.addGradients(
          inputs: 0..<adapter.inputs, outputs: 0..<adapter.outputs, tokens: tokens, firstRow: weights.firstRow, self,
          column: column, weights: weights, u: u, du: du)
      }
    }
  }

  /// `dW (+)= dyᵀ x` over `tokens` rows, for some outputs.
  func addWeightGradient(
    outputs: Range<Int>, tokens: Int, _ products: MatrixProduct, _ gradients: GradientTarget
  ) {
    linear.forEachPart(products, outputs: outputs) { part, products in
      products.transposedTimes(
        dy + part.lowerBound, lddy, x, ldx, into: gradients.base + linear.offset + part.lowerBound * linear.inputs,
        linear.inputs, m: part.count, n: linear.inputs, k: tokens, beta: gradients.beta)
    }
  }

  /// On all threads: the gradients of the weights of several products, or of their adapters.
  static func addGradients(
    _ products: [WeightProduct], _ pass: Pass, weights: GroupWeights, region: Range<Int>, _ gradients: GradientTarget?
  ) {
    let pool = pass.pool
    if let gradients {
      pool.run { thread in
        for (index, product) in products.enumerated() {
          // Each fetches what the next reads, and the last, which has none, its own.
          let next = products[min(index + 1, products.count - 1)]
          product.addWeightGradient(
            outputs: product.linear.outputs(ofShare: region, pool, thread: thread), tokens: pass.tokens,
            weights.products.fetching(UpcomingMemory(0..<pass.tokens, of: next.x, width: next.ldx)), gradients)
        }
      }
      return
    }
    guard products.contains(where: { weights.hasAdapter(of: $0.linear) }) else { return }
    pass.forRows { rows in
      forEachAdapter(of: products, pass, weights) { adapter, product, column, u, du in
        adapter.projectBoth(rows, product, column: column, weights: weights, u: u, du: du)
      }
    }
    pool.run { thread in
      forEachAdapter(of: products, pass, weights) { adapter, product, column, u, du in
        adapter.addGradients(
          inputs: pool.share(of: adapter.inputs, grain: 16, thread: thread),
          outputs: pool.share(of: adapter.outputs, grain: 16, thread: thread), tokens: pass.tokens,
          firstRow: weights.firstRow, product, column: column, weights: weights, u: u, du: du)
      }
    }
  }

  /// Calls `body(adapter, product, column, u, du)`, with memory of its own for each adapter.
  private static func forEachAdapter(
    of products: [WeightProduct], _ pass: Pass, _ weights: GroupWeights,
    _ body: (LowRankAdapter, WeightProduct, Int, Floats, Floats) -> Void
  ) {
    var u = pass.scratch.lowRank
    for product in products {
      weights.forEachAdapter(of: product.linear) { adapter, column in
        body(adapter, product, column, u, u + pass.tokens * adapter.rank)
        u += 2 * pass.tokens * adapter.rank
      }
    }
  }
}
