internal import CKernels

/// The Newton-Schulz iteration of Muon: `X ← P X` with `P = a I + b A + c A²` and `A = X Xᵀ`, from `X / ‖X‖`.
///
/// It works on the shorter side without transposing: for more rows than columns the factor stands on the right and
/// `A = Xᵀ X`. All matrices of that side are polynomials of the first `A`, so they are symmetric, their products too, and of
/// each only one triangle is computed.
///
/// In fp32, for a matrix that is longer than wide, `X` need not take part in every step: with `A ← P A P` and `Q ← P Q` it is
/// multiplied once, by the product `Q` of all factors. Rounding can make eigenvalues of `A` slightly negative, which `X Xᵀ`
/// cannot have, and every step multiplies those by `a²`; so after ``mostStepsApart`` steps `A` comes from `X` again.
struct NewtonSchulz {
  /// Arrays of one thread, for matrices up to the sizes it was made for.
  let current: Floats
  let next: Floats
  private let matrices: Matrices

  private enum Matrices {
    /// [side, side] each
    case fp32(gram: Floats, others: [Floats])
    case bf16(RoundedNewtonSchulz)
  }

  /// After so many steps an eigenvalue of -1e-8, which is what rounding makes of 0, is still below 1e-3.
  private static let mostStepsApart = 5

  init(_ arena: inout Arena, shapes: [(rows: Int, columns: Int)], products: ProductPrecision) {
    let largestCount = shapes.map { $0.rows * $0.columns }.max() ?? 0
    current = arena.floats(largestCount)
    switch products {
    case .fp32:
      next = arena.floats(largestCount)
      let side = shapes.map { min($0.rows, $0.columns) }.max() ?? 0
      let gram = arena.floats(side * side)
      var others: [Floats] = []
      for _ in 0..<3 { others.append(arena.floats(side * side)) }
      matrices = .fp32(gram: gram, others: others)
    case .bf16:
      next = arena.floats(max(largestCount, RoundedNewtonSchulz.room(shapes)))
      matrices = .bf16(RoundedNewtonSchulz(&arena, shapes: shapes))
    }
  }

  /// Orthogonalises the `[rows, columns]` matrix in `current`.
  ///
  /// - Returns: where the result is: `current` or `next`.
  func orthogonalise(rows: Int, columns: Int, settings: MuonSettings) -> Floats {
    let count = rows * columns
    // The guard keeps a zero matrix (an expert that never got a token) zero.
    let scale = 1 / (Float(kernel_sum_squares(current, count).squareRoot()) + 1e-7)
    switch matrices {
    case .fp32(let gram, let others):
      kernel_scale(current, scale, count)
      return iterate(rows: rows, columns: columns, settings: settings, gram, others)
    case .bf16(let rounded):
      rounded.orthogonalise(current, scale: scale, rows: rows, columns: columns, settings: settings, room: next)
      return current
    }
  }

  // MARK: In fp32

  private func iterate(rows: Int, columns: Int, settings: MuonSettings, _ gram: Floats, _ others: [Floats]) -> Floats {
    let steps = settings.numNSSteps
    let stretches = Self.stretches(rows: rows, columns: columns, steps: steps)
    var (x, y) = (current, next)
    for stretch in 0..<stretches {
      let part = steps * stretch / stretches..<steps * (stretch + 1) / stretches
      let factor = factor(x, rows: rows, columns: columns, part.map(settings.coefficients.triple), gram, others)
      multiply(x, by: factor, into: y, rows: rows, columns: columns)
      swap(&x, &y)
    }
    return x
  }

  /// The product of the factors of some steps from `x` on.
  private func factor(
    _ x: Floats, rows: Int, columns: Int, _ coefficients: [(a: Float, b: Float, c: Float)], _ gram: Floats,
    _ others: [Floats]
  ) -> Floats {
    let side = min(rows, columns)
    var (step, product, spare) = (others[0], others[1], others[2])
    MatrixProduct.fp32.gram(.fp32(x), columns, transposed: rows > columns, into: gram, m: side, k: max(rows, columns))
    kernel_mirror_lower(gram, side, 0)
    for (index, (a, b, c)) in coefficients.enumerated() {
      step.update(from: gram, count: side * side)
      MatrixProduct.fp32.symmetric(
        .fp32(gram), side, times: .fp32(gram), side, into: step, side: side, alpha: c, beta: b)
      kernel_mirror_lower(step, side, a)
      if index + 1 < coefficients.count {
        multiply(step, gram, into: spare, side)
        multiply(step, spare, into: gram, side)
      }
      if index == 0 {
        swap(&step, &product)
      } else {
        multiply(step, product, into: spare, side)
        swap(&spare, &product)
      }
    }
    return product
  }

  private func multiply(_ a: Floats, _ b: Floats, into c: Floats, _ side: Int) {
    MatrixProduct.fp32.symmetric(.fp32(a), side, times: .fp32(b), side, into: c, side: side)
    kernel_mirror_lower(c, side, 0)
  }

  /// `y = x factor`, with the factor on the side of the shorter side.
  private func multiply(_ x: Floats, by factor: Floats, into y: Floats, rows: Int, columns: Int) {
    let (side, products) = (min(rows, columns), MatrixProduct.fp32)
    if rows > columns {
      products.times(x, columns, factor, side, into: y, columns, m: rows, n: columns, k: side)
    } else {
      products.times(factor, side, x, columns, into: y, columns, m: rows, n: columns, k: side)
    }
  }

  // MARK: Work

  /// Into how many stretches the steps are cut, between which `X` is multiplied: the cheapest number.
  private static func stretches(rows: Int, columns: Int, steps: Int) -> Int {
    let fewest = (steps + mostStepsApart - 1) / mostStepsApart
    guard steps > 0 else { return 0 }
    return work(rows: rows, columns: columns, steps: steps, stretches: fewest)
      < work(rows: rows, columns: columns, steps: steps, stretches: steps) ? fewest : steps
  }

  private static func work(rows: Int, columns: Int, steps: Int, stretches: Int) -> Int {
    let (short, long) = (min(rows, columns), max(rows, columns))
    let others = 3 * (steps - stretches) * (MatrixProduct.halvesSymmetricProducts ? 1 : 2)
    return short * short * (3 * long * stretches + short * (steps + others))
  }

  /// Floating point operations for one matrix, for sharing out the work.
  static func cost(rows: Int, columns: Int, settings: MuonSettings) -> Int {
    let steps = settings.numNSSteps
    let stretches = settings.products == .bf16 ? steps : stretches(rows: rows, columns: columns, steps: steps)
    return work(rows: rows, columns: columns, steps: steps, stretches: stretches)
  }
}
