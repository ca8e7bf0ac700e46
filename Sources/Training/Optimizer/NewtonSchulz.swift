internal import CKernels

/// The Newton-Schulz iteration of Muon in fp32: `X ← (a I + b A + c A²) X` with `A = X Xᵀ`, from `X / ‖X‖`.
///
/// It works on the shorter side without transposing: for more rows than columns the factor stands on the right and
/// `A = Xᵀ X`. `A` and `A²` are symmetric, so only one triangle of each is computed, which saves 30 % of the work.
struct NewtonSchulz {
  /// Arrays of one thread, for matrices up to the size it was made for.
  let current: Floats
  let next: Floats
  let gram: Floats
  let polynomial: Floats

  init(_ arena: inout Arena, largestCount: Int, largestSide: Int) {
    current = arena.floats(largestCount)
    next = arena.floats(largestCount)
    gram = arena.floats(largestSide * largestSide)
    polynomial = arena.floats(largestSide * largestSide)
  }

  /// Orthogonalises the `[rows, columns]` matrix in `current`.
  ///
  /// - Returns: where the result is: `current` or `next`.
  func orthogonalise(rows: Int, columns: Int, settings: MuonSettings) -> Floats {
    let count = rows * columns
    // The guard keeps a zero matrix (an expert that never got a token) zero.
    let norm = Float(kernel_sum_squares(current, count).squareRoot())
    kernel_scale(current, 1 / (norm + 1e-7), count)
    let side = min(rows, columns)
    var (x, y) = (current, next)
    for step in 0..<settings.numNSSteps {
      let (a, b, c) = settings.coefficients.triple(step)
      MatrixProduct.symmetric(
        x, columns, transposed: rows > columns, into: gram, m: side, k: max(rows, columns))
      kernel_mirror_lower(gram, side, 0)
      polynomial.update(from: gram, count: side * side)
      MatrixProduct.symmetric(gram, side, transposed: false, into: polynomial, m: side, k: side, alpha: c, beta: b)
      kernel_mirror_lower(polynomial, side, a)
      if rows > columns {
        MatrixProduct.times(x, columns, polynomial, side, into: y, columns, m: rows, n: columns, k: side)
      } else {
        MatrixProduct.times(polynomial, side, x, columns, into: y, columns, m: rows, n: columns, k: side)
      }
      swap(&x, &y)
    }
    return x
  }

  /// Floating point operations for one matrix, for sharing out the work.
  static func cost(rows: Int, columns: Int) -> Int {
    let (short, long) = (min(rows, columns), max(rows, columns))
    return short * short * (3 * long + short)
  }
}
