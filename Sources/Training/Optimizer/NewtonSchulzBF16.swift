internal import CKernels

/// ``NewtonSchulz`` in bf16: `X`, `A` and `P` are rounded in every step, as emerging_optimizers has it (`muon_utils.py`,
/// `newton_schulz`, under the precision "medium"), and kept as bf16 values, which products read as they are.
struct NewtonSchulzBF16 {
  // [side, side] each, where rows have zeros behind them.
  private let gram: UnsafeMutablePointer<UInt16>
  private let factor: UnsafeMutablePointer<UInt16>

  init(_ arena: inout Arena, largestSide: Int) {
    gram = arena.bfloats(Self.storedCount(largestSide, largestSide))
    factor = arena.bfloats(Self.storedCount(largestSide, largestSide))
  }

  private static func storedCount(_ rows: Int, _ columns: Int) -> Int { rows * MatrixProduct.alignedColumns(columns) }

  /// How many floats take as much memory as the largest `X` of these shapes.
  static func room(_ shapes: [(rows: Int, columns: Int)]) -> Int {
    shapes.map { (storedCount($0.rows, $0.columns) + 1) / 2 }.max() ?? 0
  }

  /// Orthogonalises `scale` times the `[rows, columns]` matrix in `matrix`, where products are kept and then the result. `X` is
  /// kept in ``room(_:)``.
  func orthogonalise(_ matrix: Floats, scale: Float, rows: Int, columns: Int, settings: MuonSettings, room: Floats) {
    let (side, longer, isTall) = (min(rows, columns), max(rows, columns), rows > columns)
    let x = Self.stored(UnsafeMutableRawPointer(room).assumingMemoryBound(to: UInt16.self), rows, columns)
    let gram = Self.stored(gram, side, side)
    let factor = Self.stored(factor, side, side)
    let (left, right) = isTall ? (x, factor) : (factor, x)
    let (product, instructions) = (MatrixProduct(.bf16), MatrixProduct.bf16Instructions)
    kernel_round_scaled(instructions, matrix, scale, x)
    for index in 0..<settings.numNSSteps {
      let (a, b, c) = settings.coefficients.triple(index)
      product.gram(.bf16(x.values), x.ld, transposed: isTall, into: matrix, m: side, k: longer)
      kernel_round_symmetric(instructions, matrix, 0, nil, gram)
      product.symmetric(
        .bf16(gram.values), gram.ld, times: .bf16(gram.values), gram.ld, into: matrix, side: side, alpha: c)
      kernel_round_symmetric(instructions, matrix, b, gram.values, factor)
      product.times(
        .bf16(left.values), left.ld, .bf16(right.values), right.ld, into: matrix, columns, m: rows, n: columns, k: side)
      kernel_scale_and_add(instructions, x, a, matrix)
    }
    let result = gemm_operand(values: x.values, ld: x.ld, is_transposed: 0, is_bf16: 1, is_packed: 0)
    kernel_round_operand(result, rows, columns, matrix)
  }

  /// Floating point operations for one matrix.
  static func cost(rows: Int, columns: Int, steps: Int) -> Int {
    let (short, long) = (min(rows, columns), max(rows, columns))
    return short * short * (3 * long + short) * steps
  }

  private static func stored(_ values: UnsafeMutablePointer<UInt16>, _ rows: Int, _ columns: Int) -> bf16_matrix {
    bf16_matrix(values: values, rows: rows, columns: columns, ld: MatrixProduct.alignedColumns(columns))
  }
}
