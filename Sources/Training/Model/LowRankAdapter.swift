internal import CKernels

/// The adapter of one matrix `W` [outputs, inputs]: `A` [rank, inputs], `B` [outputs, rank], their gradients, and DoRA's
/// magnitudes.
///
/// LoRA adds `s (drop(x) Aᵀ) Bᵀ` to `x Wᵀ`. DoRA multiplies row j of `V = W + s B A` by `g = m / ‖V_j‖`; without dropout
/// ``GroupWeights`` brings the factors of `W`'s rows into the product itself, and `B` is kept with its own. Dropout then
/// applies to all but `x Wᵀ`: `y = x Wᵀ + drop(x) ((g - 1) W + g s B A)ᵀ`, as peft has it.
///
/// Plain pointers into the ``AdapterStore``, so that it can be handed to threads without counting references.
struct LowRankAdapter {
  struct Magnitude {
    /// [outputs] each: m, its gradient, ‖V_j‖, m / ‖V_j‖, and that less one
    let values: Floats
    let gradient: Floats
    let norms: Floats
    let scales: Floats
    let scalesLessOne: Floats
    /// [outputs, rank]: `B`, each row times `s` and its factor
    let scaledB: Floats
  }

  /// Of the matrix within its group of parameters.
  let offset: Int
  let outputs: Int
  let inputs: Int
  let rank: Int
  let scaling: Float
  /// Sets its dropout apart from that of other adapters.
  let id: UInt64
  let a: Floats
  let b: Floats
  let da: Floats
  let db: Floats
  let magnitude: Magnitude?

  /// Rows handled at a time: bounds the scratch memory.
  private static let rowsAtATime = 256

  /// The matrix alone, whatever it is joined with.
  var linear: Linear { Linear(offset: offset, inputs: inputs, outputs: outputs) }

  /// Factors of the matrix' rows; `nil` for LoRA.
  var scales: Floats? { magnitude?.scales }

  /// `B` as the product has it, together with ``outputScaling``.
  private var outputFactor: Floats { magnitude?.scaledB ?? b }
  private var outputScaling: Float { magnitude == nil ? scaling : 1 }

  // MARK: Forward and backward

  /// Adds to `y` [rows, outputs] what the adapter makes of `x` [rows, inputs]; the matrix' own part stands there.
  ///
  /// - Parameters:
  ///   - linear: the joined matrices among which the adapter's begins at row `column`.
  ///   - firstRow: number of the first row in the pass.
  func forward(
    _ rows: Int, firstRow: Int, of linear: Linear, column: Int, weights: GroupWeights, x: UnsafePointer<Float>,
    ldx: Int, y: Floats, ldy: Int
  ) {
    let position = weights.dropout?.position
    let perRow = rank + (position == .pre ? inputs : position == .post ? outputs : 0)
    forEachChunk(rows, floatsPerRow: perRow) { chunk, scratch in
      let (u, other) = (scratch, scratch + chunk.count * rank)
      let y = y + chunk.lowerBound * ldy
      let (d, ldd) = input(
        chunk, firstRow: firstRow, columns: 0..<inputs, weights.dropout, x: x, ldx: ldx, scratch: other)
      project(chunk.count, weights.products, d, ldd, into: u)
      guard position == .post, let dropout = weights.dropout else {
        weights.products.timesTransposed(
          u, rank, outputFactor, rank, into: y, ldy, m: chunk.count, n: outputs, k: rank, alpha: outputScaling, beta: 1)
        guard position == .pre, let magnitude else { return }
        weights.forEachBlock(of: linear, rows: column..<column + outputs, scales: magnitude.scalesLessOne) { block, w in
          weights.products.timesTransposed(
            d, ldd, w, inputs, into: y + block.lowerBound - column, ldy, m: chunk.count, n: block.count, k: inputs,
            beta: 1)
        }
        return
      }
      weights.products.timesTransposed(
        u, rank, outputFactor, rank, into: other, outputs, m: chunk.count, n: outputs, k: rank, alpha: outputScaling)
      addDropped(other, width: outputs, chunk, firstRow: firstRow, dropout, to: y, ldo: ldy)
    }
  }

  /// Adds to `dx` [rows, inputs] the gradient through the adapter of `dy` [rows, outputs].
  func backward(
    _ rows: Int, firstRow: Int, of linear: Linear, column: Int, weights: GroupWeights, dy: UnsafePointer<Float>,
    lddy: Int, dx: Floats, lddx: Int
  ) {
    let position = weights.dropout?.position
    let perRow = rank + (position == .pre ? inputs : position == .post ? outputs : 0)
    forEachChunk(rows, floatsPerRow: perRow) { chunk, scratch in
      let (du, other) = (scratch, scratch + chunk.count * rank)
      let dx = dx + chunk.lowerBound * lddx
      let (e, lde) = outputGradient(
        chunk, firstRow: firstRow, columns: 0..<outputs, weights.dropout, dy: dy, lddy: lddy, scratch: other)
      projectBack(chunk.count, weights.products, e, lde, into: du)
      guard position == .pre, let dropout = weights.dropout else {
        weights.products.times(
          du, rank, a, inputs, into: dx, lddx, m: chunk.count, n: inputs, k: rank, beta: 1)
        return
      }
      weights.products.times(du, rank, a, inputs, into: other, inputs, m: chunk.count, n: inputs, k: rank)
      if let magnitude {
        weights.forEachBlock(of: linear, rows: column..<column + outputs, scales: magnitude.scalesLessOne) { block, w in
          weights.products.times(
            e + block.lowerBound - column, lde, w, inputs, into: other, inputs, m: chunk.count, n: inputs,
            k: block.count, beta: 1)
        }
      }
      addDropped(other, width: inputs, chunk, firstRow: firstRow, dropout, to: dx, ldo: lddx)
    }
  }

  /// Adds `part` [chunk, width] to `out` behind the dropout, which is applied in place.
  private func addDropped(
    _ part: Floats, width: Int, _ chunk: Range<Int>, firstRow: Int, _ dropout: AdapterDropout, to out: Floats, ldo: Int
  ) {
    dropout.apply(
      adapter: id, firstRow: firstRow + chunk.lowerBound, rows: chunk.count, columns: 0..<width, part, ldx: width,
      to: part, ldo: width)
    for row in 0..<chunk.count { kernel_add(part + row * width, out + row * ldo, width) }
  }

  // MARK: Gradients

  /// What both factors' gradients are made of, for some of `product`'s rows: `u` = drop(x) Aᵀ and `du`, its gradient, both
  /// [tokens, rank].
  func projectBoth(
    _ rows: Range<Int>, _ product: WeightProduct, column: Int, weights: GroupWeights, u: Floats, du: Floats
  ) {
    let (firstRow, dropout) = (weights.firstRow, weights.dropout)
    let perRow = dropout == nil ? 0 : max(inputs, outputs)
    forEachChunk(rows.count, floatsPerRow: perRow) { chunk, scratch in
      let chunk = rows.lowerBound + chunk.lowerBound..<rows.lowerBound + chunk.upperBound
      let (d, ldd) = input(
        chunk, firstRow: firstRow, columns: 0..<inputs, dropout, x: product.x, ldx: product.ldx, scratch: scratch)
      project(chunk.count, weights.products, d, ldd, into: u + chunk.lowerBound * rank)
      let (e, lde) = outputGradient(
        chunk, firstRow: firstRow, columns: 0..<outputs, dropout, dy: product.dy + column, lddy: product.lddy,
        scratch: scratch)
      projectBack(chunk.count, weights.products, e, lde, into: du + chunk.lowerBound * rank)
    }
  }

  /// Adds the gradients of some columns of `A`, of some rows of `B` and of their magnitudes, over all rows of `product`,
  /// from what ``projectBoth(_:_:column:weights:u:du:)`` made. The norm in DoRA is a constant here, as in peft.
  func addGradients(
    inputs part: Range<Int>, outputs rows: Range<Int>, tokens: Int, firstRow: Int, _ product: WeightProduct,
    column: Int,
    weights: GroupWeights, u: Floats, du: Floats
  ) {
    let dropout = weights.dropout
    forEachChunk(tokens, floatsPerRow: dropout == nil ? 0 : max(part.count, rows.count)) { chunk, scratch in
      let (u, du) = (u + chunk.lowerBound * rank, du + chunk.lowerBound * rank)
      let (d, ldd) = input(
        chunk, firstRow: firstRow, columns: part, dropout, x: product.x + part.lowerBound, ldx: product.ldx,
        scratch: scratch)
      weights.products.transposedTimes(
        du, rank, d, ldd, into: da + part.lowerBound, inputs, m: rank, n: part.count, k: chunk.count, beta: 1)
      guard magnitude == nil else { return }
      let (e, lde) = outputGradient(
        chunk, firstRow: firstRow, columns: rows, dropout, dy: product.dy + column + rows.lowerBound,
        lddy: product.lddy, scratch: scratch)
      weights.products.transposedTimes(
        e, lde, u, rank, into: db + rows.lowerBound * rank, rank, m: rows.count, n: rank, k: chunk.count,
        alpha: scaling,
        beta: 1)
    }
    if let magnitude, !rows.isEmpty {
      addRowGradients(
        magnitude, rows, tokens: tokens, firstRow: firstRow, product, column: column, weights: weights, u: u)
    }
  }

  /// DoRA: with `H = dyᵀ u`, the gradient of row j of `B` is `s g_j H_j`, that of `m_j` is `Σ dy_j (V drop(x))_j / ‖V_j‖`.
  private func addRowGradients(
    _ magnitude: Magnitude, _ rows: Range<Int>, tokens: Int, firstRow: Int, _ product: WeightProduct, column: Int,
    weights: GroupWeights, u: Floats
  ) {
    let dy = product.dy + column + rows.lowerBound
    withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count * rank) { sums in
      guard let sums = sums.baseAddress else { return }
      weights.products.transposedTimes(
        dy, product.lddy, u, rank, into: sums, rank, m: rows.count, n: rank, k: tokens)
      for row in rows {
        let factor = scaling * magnitude.scales[row]
        for index in 0..<rank { db[row * rank + index] += factor * sums[(row - rows.lowerBound) * rank + index] }
      }
    }
    forEachChunk(tokens, floatsPerRow: rows.count + (weights.dropout == nil ? 0 : inputs)) { chunk, scratch in
      let z = scratch
      let (d, ldd) = input(
        chunk, firstRow: firstRow, columns: 0..<inputs, weights.dropout, x: product.x, ldx: product.ldx,
        scratch: scratch + chunk.count * rows.count)
      let place = column + rows.lowerBound
      weights.forEachBlock(of: product.linear, rows: place..<place + rows.count) { block, w in
        weights.products.timesTransposed(
          d, ldd, w, inputs, into: z + block.lowerBound - place, rows.count, m: chunk.count, n: block.count, k: inputs)
      }
      weights.products.timesTransposed(
        u + chunk.lowerBound * rank, rank, b + rows.lowerBound * rank, rank, into: z, rows.count, m: chunk.count,
        n: rows.count, k: rank, alpha: scaling, beta: 1)
      for token in 0..<chunk.count {
        let (dy, z) = (dy + (chunk.lowerBound + token) * product.lddy, z + token * rows.count)
        for index in 0..<rows.count where magnitude.norms[rows.lowerBound + index] > 0 {
          magnitude.gradient[rows.lowerBound + index] += dy[index] * z[index] / magnitude.norms[rows.lowerBound + index]
        }
      }
    }
  }

  // MARK: Parts

  private func project(
    _ rows: Int, _ products: MatrixProduct, _ d: UnsafePointer<Float>, _ ldd: Int, into u: Floats
  ) {
    products.timesTransposed(d, ldd, a, inputs, into: u, rank, m: rows, n: rank, k: inputs)
  }

  private func projectBack(
    _ rows: Int, _ products: MatrixProduct, _ e: UnsafePointer<Float>, _ lde: Int, into du: Floats
  ) {
    products.times(
      e, lde, outputFactor, rank, into: du, rank, m: rows, n: rank, k: outputs, alpha: outputScaling)
  }

  /// Some columns of the adapter's input, from `x` at the first of them: `x` itself, or `scratch` with dropout before it.
  private func input(
    _ rows: Range<Int>, firstRow: Int, columns: Range<Int>, _ dropout: AdapterDropout?, x: UnsafePointer<Float>,
    ldx: Int, scratch: Floats
  ) -> (UnsafePointer<Float>, Int) {
    dropped(.pre, rows, firstRow: firstRow, columns: columns, dropout, x, ldx, scratch)
  }

  /// Some columns of the gradient of the adapter's output: `dy` itself, or `scratch` with dropout behind it.
  private func outputGradient(
    _ rows: Range<Int>, firstRow: Int, columns: Range<Int>, _ dropout: AdapterDropout?, dy: UnsafePointer<Float>,
    lddy: Int, scratch: Floats
  ) -> (UnsafePointer<Float>, Int) {
    dropped(.post, rows, firstRow: firstRow, columns: columns, dropout, dy, lddy, scratch)
  }

  private func dropped(
    _ position: AdapterDropout.Position, _ rows: Range<Int>, firstRow: Int, columns: Range<Int>,
    _ dropout: AdapterDropout?, _ x: UnsafePointer<Float>, _ ldx: Int, _ scratch: Floats
  ) -> (UnsafePointer<Float>, Int) {
    let x = x + rows.lowerBound * ldx
    guard let dropout, dropout.position == position else { return (x, ldx) }
    dropout.apply(
      adapter: id, firstRow: firstRow + rows.lowerBound, rows: rows.count, columns: columns, x, ldx: ldx,
      to: scratch, ldo: columns.count)
    return (UnsafePointer(scratch), columns.count)
  }

  private func forEachChunk(_ rows: Int, floatsPerRow: Int, _ body: (Range<Int>, Floats) -> Void) {
    guard rows > 0 else { return }
    let chunk = min(rows, Self.rowsAtATime)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, chunk * floatsPerRow)) { scratch in
      guard let scratch = scratch.baseAddress else { return }
      for first in stride(from: 0, to: rows, by: chunk) { body(first..<min(first + chunk, rows), scratch) }
    }
  }
}

/// An adapter folded into the matrix it belongs to.
enum LowRankMerge {
  /// `weight += s B A`, for DoRA each row brought to its magnitude; all row-major, `weight` [rows, columns].
  static func merge(
    into weight: Floats, rows: Int, columns: Int, a: UnsafePointer<Float>, b: UnsafePointer<Float>, rank: Int,
    scaling: Float, magnitudes: UnsafePointer<Float>?
  ) {
    MatrixProduct.fp32.times(
      b, rank, a, columns, into: weight, columns, m: rows, n: columns, k: rank, alpha: scaling, beta: 1)
    guard let magnitudes else { return }
    for row in 0..<rows {
      let norm = norm(weight + row * columns, columns)
      if norm > 0 { kernel_scale(weight + row * columns, magnitudes[row] / norm, columns) }
    }
  }

  static func norm(_ row: UnsafePointer<Float>, _ columns: Int) -> Float {
    Float(kernel_sum_squares(row, columns).squareRoot())
  }
}
