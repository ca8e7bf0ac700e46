internal import CKernels

/// ``NewtonSchulz`` in fp32.
///
/// For a matrix that is longer than wide, `X` need not take part in every step: with `A ← P A P` and `Q ← P Q` it is
/// multiplied once, by the product `Q` of all factors. Rounding can make eigenvalues of `A` slightly negative, which `X Xᵀ`
/// cannot have, and every step multiplies those by `a²`; so after ``mostStepsApart`` steps `A` comes from `X` again.
struct NewtonSchulzFP32 {
  /// [side, side] each
  private let gram: Floats
  private let matrices: [Floats]

  /// After so many steps an eigenvalue of -1e-8, which is what rounding makes of 0, is still below 1e-3.
  private static let mostStepsApart = 5

  init(_ arena: inout Arena, largestSide: Int) {
    gram = arena.floats(largestSide * largestSide)
    var matrices: [Floats] = []
    for _ in 0..<3 { matrices.append(arena.floats(largestSide * largestSide)) }
    self.matrices = matrices
  }

  /// Orthogonalises `scale` times the `[rows, columns]` matrix in `matrix`; `room` holds as many numbers.
  ///
  /// - Returns: where the result is: one of the two.
  func orthogonalise(
    _ matrix: Floats, scale: Float, rows: Int, columns: Int, settings: MuonSettings, room: Floats
  ) -> Floats {
    let steps = settings.numNSSteps
    let stretches = Self.stretches(rows: rows, columns: columns, steps: steps)
    var (x, y) = (matrix, room)
    kernel_scale(x, scale, rows * columns)
    for stretch in 0..<stretches {
      let part = steps * stretch / stretches..<steps * (stretch + 1) / stretches
      let factor = factor(x, rows: rows, columns: columns, part.map(settings.coefficients.triple))
      multiply(x, by: factor, into: y, rows: rows, columns: columns)
      swap(&x, &y)
    }
    return x
  }

  /// The product of the factors of some steps from `x` on.
  private func factor(
    _ x: Floats, rows: Int, columns: Int, _ coefficients: [(a: Float, b: Float, c: Float)]
  ) -> Floats {
    let (side, products) = (min(rows, columns), MatrixProduct.fp32)
    var (step, product, spare) = (matrices[0], matrices[1], matrices[2])
    products.gram(.fp32(x), columns, transposed: rows > columns, into: gram, m: side, k: max(rows, columns))
    kernel_mirror_lower(gram, side, 0)
    for (index, (a, b, c)) in coefficients.enumerated() {
      step.update(from: gram, count: side * side)
      products.symmetric(.fp32(gram), side, times: .fp32(gram), side, into: step, side: side, alpha: c, beta: b)
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
    return cost(rows: rows, columns: columns, steps: steps, stretches: fewest)
      < cost(rows: rows, columns: columns, steps: steps, stretches: steps) ? fewest : steps
  }

  private static func cost(rows: Int, columns: Int, steps: Int, stretches: Int) -> Int {
    let (short, long) = (min(rows, columns), max(rows, columns))
    let others = 3 * (steps - stretches) * (MatrixProduct.halvesSymmetricProducts ? 1 : 2)
    return short * short * (3 * long * stretches + short * (steps + others))
  }

  /// Floating point operations for one matrix.
  static func cost(rows: Int, columns: Int, steps: Int) -> Int {
    cost(
      rows: rows, columns: columns, steps: steps, stretches: stretches(rows: rows, columns: columns, steps: steps))
  }
}
