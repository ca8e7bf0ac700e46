internal import CKernels

/// The Newton-Schulz iteration of Muon: `X ← P X` with `P = a I + b A + c A²` and `A = X Xᵀ`, from `X / ‖X‖`.
///
/// It works on the shorter side without transposing: for more rows than columns the factor stands on the right and
/// `A = Xᵀ X`. All matrices of that side are polynomials of the first `A`, so they are symmetric, their products too, and of
/// each only one triangle is computed.
///
/// In bf16 `X`, `A` and `P` are rounded in every step, as emerging_optimizers has it (`muon_utils.py`, `newton_schulz`, under
/// the precision "medium").
///
/// In fp32, for a matrix that is longer than wide, `X` need not take part in every step: with `A ← P A P` and `Q ← P Q` it is
/// multiplied once, by the product `Q` of all factors. Rounding can make eigenvalues of `A` slightly negative, which `X Xᵀ`
/// cannot have, and every step multiplies those by `a²`; so after ``mostStepsApart`` steps `A` comes from `X` again.
struct NewtonSchulz {
  /// Arrays of one thread, for matrices up to the size it was made for.
  let current: Floats
  let next: Floats
  let gram: Floats
  /// [side, side] each: one for an iteration in bf16, three for one in fp32
  private let matrices: [Floats]

  /// After so many steps an eigenvalue of -1e-8, which is what rounding makes of 0, is still below 1e-3.
  private static let mostStepsApart = 5

  init(_ arena: inout Arena, largestCount: Int, largestSide: Int, products: ProductPrecision) {
    current = arena.floats(largestCount)
    next = arena.floats(largestCount)
    gram = arena.floats(largestSide * largestSide)
    var matrices: [Floats] = []
    for _ in 0..<(products == .bf16 ? 1 : 3) { matrices.append(arena.floats(largestSide * largestSide)) }
    self.matrices = matrices
  }

  /// Orthogonalises the `[rows, columns]` matrix in `current`.
  ///
  /// - Returns: where the result is: `current` or `next`.
  func orthogonalise(rows: Int, columns: Int, settings: MuonSettings) -> Floats {
    let count = rows * columns
    // The guard keeps a zero matrix (an expert that never got a token) zero.
    let norm = Float(kernel_sum_squares(current, count).squareRoot())
    kernel_scale(current, 1 / (norm + 1e-7), count)
    switch settings.products {
    case .fp32: return iterate(rows: rows, columns: columns, settings: settings)
    case .bf16: return iterateRounded(rows: rows, columns: columns, settings: settings)
    }
  }

  // MARK: In bf16

  private func iterateRounded(rows: Int, columns: Int, settings: MuonSettings) -> Floats {
    let (side, count, products) = (min(rows, columns), rows * columns, MatrixProduct.ofRounded)
    let factor = matrices[0]
    var (x, y) = (current, next)
    kernel_round_operand(gemm_operand(values: x, ld: count, is_transposed: 0, is_bf16: 0, is_packed: 0), 1, count, x)
    for index in 0..<settings.numNSSteps {
      let (a, b, c) = settings.coefficients.triple(index)
      products.gram(x, columns, transposed: rows > columns, into: gram, m: side, k: max(rows, columns))
      kernel_mirror_lower_rounded(gram, side, factor)
      products.symmetric(gram, times: gram, into: factor, side: side, alpha: c, beta: b)
      kernel_mirror_lower_rounded(factor, side, nil)
      multiply(x, by: factor, products, into: y, rows: rows, columns: columns)
      kernel_add_scaled_rounded(x, a, y, count)
      swap(&x, &y)
    }
    return x
  }

  // MARK: In fp32

  private func iterate(rows: Int, columns: Int, settings: MuonSettings) -> Floats {
    let steps = settings.numNSSteps
    let stretches = Self.stretches(rows: rows, columns: columns, steps: steps)
    var (x, y) = (current, next)
    for stretch in 0..<stretches {
      let part = steps * stretch / stretches..<steps * (stretch + 1) / stretches
      let factor = factor(x, rows: rows, columns: columns, part.map(settings.coefficients.triple))
      multiply(x, by: factor, .fp32, into: y, rows: rows, columns: columns)
      swap(&x, &y)
    }
    return x
  }

  /// The product of the factors of some steps from `x` on.
  private func factor(
    _ x: Floats, rows: Int, columns: Int, _ coefficients: [(a: Float, b: Float, c: Float)]
  ) -> Floats {
    let side = min(rows, columns)
    let products = MatrixProduct.fp32
    var (step, product, spare) = (matrices[0], matrices[1], matrices[2])
    products.gram(x, columns, transposed: rows > columns, into: gram, m: side, k: max(rows, columns))
    kernel_mirror_lower(gram, side, 0)
    for (index, (a, b, c)) in coefficients.enumerated() {
      step.update(from: gram, count: side * side)
      products.symmetric(gram, times: gram, into: step, side: side, alpha: c, beta: b)
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
    MatrixProduct.fp32.symmetric(a, times: b, into: c, side: side)
    kernel_mirror_lower(c, side, 0)
  }

  // MARK: Both

  /// `y = x factor`, with the factor on the side of the shorter side.
  private func multiply(
    _ x: Floats, by factor: Floats, _ products: MatrixProduct, into y: Floats, rows: Int, columns: Int
  ) {
    let side = min(rows, columns)
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
