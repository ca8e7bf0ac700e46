internal import CKernels

/// The Newton-Schulz iteration of Muon: `X ← P X` with `P = a I + b A + c A²` and `A = X Xᵀ`, from `X / ‖X‖`.
///
/// It works on the shorter side without transposing: for more rows than columns the factor stands on the right and
/// `A = Xᵀ X`. The matrices of that side are polynomials of `A`, so they are symmetric, their products too, and of each only
/// one triangle is computed.
struct NewtonSchulz {
  /// Arrays of one thread, for matrices of the shapes it was made for.
  let current: Floats
  let next: Floats
  private let iteration: Iteration

  private enum Iteration {
    case fp32(NewtonSchulzFP32)
    case bf16(NewtonSchulzBF16)
  }

  init(_ arena: inout Arena, shapes: [(rows: Int, columns: Int)], products: ProductPrecision) {
    let largestCount = shapes.map { $0.rows * $0.columns }.max() ?? 0
    let largestSide = shapes.map { min($0.rows, $0.columns) }.max() ?? 0
    current = arena.floats(largestCount)
    switch products {
    case .fp32:
      next = arena.floats(largestCount)
      iteration = .fp32(NewtonSchulzFP32(&arena, largestSide: largestSide))
    case .bf16:
      next = arena.floats(max(largestCount, NewtonSchulzBF16.room(shapes)))
      iteration = .bf16(NewtonSchulzBF16(&arena, largestSide: largestSide))
    }
  }

  /// Orthogonalises the `[rows, columns]` matrix in `current`.
  ///
  /// - Returns: where the result is: `current` or `next`.
  func orthogonalise(rows: Int, columns: Int, settings: MuonSettings) -> Floats {
    // The guard keeps a zero matrix (an expert that never got a token) zero.
    let scale = 1 / (Float(kernel_sum_squares(current, rows * columns).squareRoot()) + 1e-7)
    switch iteration {
    case .fp32(let iteration):
      return iteration.orthogonalise(
        current, scale: scale, rows: rows, columns: columns, settings: settings, room: next)
    case .bf16(let iteration):
      iteration.orthogonalise(current, scale: scale, rows: rows, columns: columns, settings: settings, room: next)
      return current
    }
  }

  /// Floating point operations for one matrix, for sharing out the work.
  static func cost(rows: Int, columns: Int, settings: MuonSettings) -> Int {
    switch settings.products {
    case .fp32: NewtonSchulzFP32.cost(rows: rows, columns: columns, steps: settings.numNSSteps)
    case .bf16: NewtonSchulzBF16.cost(rows: rows, columns: columns, steps: settings.numNSSteps)
    }
  }
}
