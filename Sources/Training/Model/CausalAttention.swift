internal import CKernels

/// Softmax attention of one head over one stretch of tokens, in blocks of queries so that nothing is computed for
/// blocks of keys that lie in the future.
///
/// Queries are `[nope | rope]` a head; keys `[nope]` a head, beside them the rope part that all heads share; every
/// operand is read where the projections left it.
struct CausalAttention {
  let shape: ModelShape
  let scale: Float
  /// Queries handled at a time.
  static let block = 64

  /// One head's operands; each points at its first token, with the distance between tokens.
  struct Head {
    var queries: Floats
    var queryStride: Int
    var keys: Floats
    var values: Floats
    var keyValueStride: Int
    var sharedKeys: Floats
    var sharedKeyStride: Int
  }

  init(shape: ModelShape) {
    self.shape = shape
    scale = RotaryEmbedding.softmaxScale(shape)
  }

  /// Floats that hold the probabilities of one head over `length` tokens, block below block.
  static func probabilityCount(length: Int) -> Int {
    var count = 0
    for start in stride(from: 0, to: length, by: block) {
      let end = min(start + block, length)
      count += (end - start) * end
    }
    return count
  }

  /// `output` [length, v at distance ldo]. Probabilities are kept one block after the
  /// other, or, where `keep` is false, each over the last.
  func forward(
    _ head: Head, _ products: MatrixProduct, length: Int, probabilities: Floats, keep: Bool, output: Floats, ldo: Int
  ) {
    var block = probabilities
    for start in stride(from: 0, to: length, by: Self.block) {
      let end = min(start + Self.block, length)
      computeProbabilities(head, products, start..<end, into: block)
      products.times(
        block, end, head.values, head.keyValueStride, into: output + start * ldo, ldo, m: end - start,
        n: shape.vHeadDim, k: end)
      if keep { block += (end - start) * end }
    }
  }

  /// The probabilities [queries, queries.upperBound] of one block.
  private func computeProbabilities(
    _ head: Head, _ products: MatrixProduct, _ queries: Range<Int>, into block: Floats
  ) {
    let (rows, columns) = (queries.count, queries.upperBound)
    let query = head.queries + queries.lowerBound * head.queryStride
    products.timesTransposed(
      query, head.queryStride, head.keys, head.keyValueStride, into: block, columns, m: rows, n: columns,
      k: shape.qkNopeHeadDim)
    products.timesTransposed(
      query + shape.qkNopeHeadDim, head.queryStride, head.sharedKeys, head.sharedKeyStride, into: block, columns,
      m: rows, n: columns, k: shape.qkRopeHeadDim, beta: 1)
    kernel_causal_softmax(block, columns, queries.lowerBound, columns, scale, rows)
  }

  /// Gradients, laid out as the operands they belong to; the shared keys' gradient is this head's contribution.
  ///
  /// - Parameters:
  ///   - probabilities: as kept by `forward`, or `nil` to compute them again into `scratch`.
  ///   - scratch: twice `block * length` floats.
  func backward(
    _ head: Head, _ products: MatrixProduct, length: Int, probabilities: Floats?, scratch: Floats, doutput: Floats,
    ldo: Int, gradient: Head
  ) {
    let dscores = scratch + Self.block * length
    var kept = probabilities.map { $0 + Self.probabilityCount(length: length) }
    // From the last block to the first: the last reaches all keys, so it writes what the others add to.
    let starts = stride(from: 0, to: length, by: Self.block)
    for start in starts.reversed() {
      let end = min(start + Self.block, length)
      let beta: Float = end == length ? 0 : 1
      let rows = end - start
      let block: Floats
      if let last = kept {
        block = last - rows * end
        kept = block
      } else {
        block = scratch
        computeProbabilities(head, products, start..<end, into: block)
      }
      let dout = doutput + start * ldo
      products.transposedTimes(
        block, end, dout, ldo, into: gradient.values, gradient.keyValueStride, m: end, n: shape.vHeadDim, k: rows,
        beta: beta)
      products.timesTransposed(
        dout, ldo, head.values, head.keyValueStride, into: dscores, end, m: rows, n: end, k: shape.vHeadDim)
      kernel_causal_softmax_backward(block, end, dscores, end, start, end, scale, rows)
      differentiateScores(head, products, start..<end, dscores: dscores, gradient: gradient, beta: beta)
    }
  }

  /// From the gradient of one block's scores to those of its queries and of all keys up to it.
  private func differentiateScores(
    _ head: Head, _ products: MatrixProduct, _ queries: Range<Int>, dscores: Floats, gradient: Head, beta: Float
  ) {
    let (rows, columns) = (queries.count, queries.upperBound)
    let (nope, rope) = (shape.qkNopeHeadDim, shape.qkRopeHeadDim)
    let query = head.queries + queries.lowerBound * head.queryStride
    let dquery = gradient.queries + queries.lowerBound * gradient.queryStride
    products.times(
      dscores, columns, head.keys, head.keyValueStride, into: dquery, gradient.queryStride, m: rows, n: nope,
      k: columns)
    products.times(
      dscores, columns, head.sharedKeys, head.sharedKeyStride, into: dquery + nope, gradient.queryStride, m: rows,
      n: rope, k: columns)
    products.transposedTimes(
      dscores, columns, query, head.queryStride, into: gradient.keys, gradient.keyValueStride, m: columns, n: nope,
      k: rows, beta: beta)
    products.transposedTimes(
      dscores, columns, query + nope, head.queryStride, into: gradient.sharedKeys, gradient.sharedKeyStride,
      m: columns, n: rope, k: rows, beta: beta)
  }
}
