import CKernels
import Testing

@testable import Training

/// The products with one vector against sums in double precision, with rows beside fours and columns beside sixteens.
@Suite struct MatrixVectorTests {
  struct Size: Sendable, CustomTestStringConvertible {
    let rows: Int, columns: Int
    var testDescription: String { "\(rows) x \(columns)" }
  }

  static let sizes = [
    Size(rows: 1, columns: 1), Size(rows: 4, columns: 16), Size(rows: 7, columns: 40), Size(rows: 18, columns: 33),
    Size(rows: 3, columns: 300), Size(rows: 0, columns: 8),
  ]

  private let matrix: [Float]
  private let vector: [Float]
  private let start: [Float]

  init() {
    var stream = RandomStream(seed: 4)
    // bf16 numbers, so that both formats hold the same.
    func values(_ count: Int) -> [Float] {
      BFloat16.widened(BFloat16.rounded((0..<count).map { _ in Float(stream.uniform() - 0.5) }))
    }
    matrix = values(18 * 310)
    vector = values(310)
    start = values(310)
  }

  @Test(arguments: sizes, [false, true])
  func rows(_ size: Size, _ isBFloat16: Bool) {
    for accumulates in [false, true] {
      let found = product(size, isBFloat16, accumulates: accumulates, split: size.rows)
      for row in 0..<size.rows {
        let sum = (0..<size.columns).reduce(0.0) { $0 + Double(matrix[row * 310 + $1]) * Double(vector[$1]) }
        #expect(abs(Double(found[row]) - sum - (accumulates ? Double(start[row]) : 0)) < 1e-5)
      }
    }
  }

  @Test(arguments: sizes, [false, true])
  func columns(_ size: Size, _ isBFloat16: Bool) {
    let found = transposedProduct(size, isBFloat16, split: size.rows)
    for column in 0..<size.columns {
      let sum = (0..<size.rows).reduce(0.0) { $0 + Double(matrix[$1 * 310 + column]) * Double(vector[$1]) }
      #expect(abs(Double(found[column]) - sum - Double(start[column])) < 1e-5)
    }
  }

  /// Bit for bit, so that generation does not depend on the number of threads.
  @Test(arguments: [1, 2, 5, 6, 17], [false, true])
  func doesNotDependOnTheSplit(_ split: Int, _ isBFloat16: Bool) {
    let size = Size(rows: 18, columns: 40)
    #expect(
      product(size, isBFloat16, accumulates: true, split: split)
        == product(size, isBFloat16, accumulates: true, split: 18))
    #expect(transposedProduct(size, isBFloat16, split: split) == transposedProduct(size, isBFloat16, split: 18))
  }

  /// Two calls: of the first `split` rows and of the others.
  private func product(_ size: Size, _ isBFloat16: Bool, accumulates: Bool, split: Int) -> [Float] {
    var result: [Float] = []
    for rows in [0..<split, split..<size.rows] {
      let part = Array(matrix[rows.lowerBound * 310..<rows.upperBound * 310])
      var y = Array(start[rows])
      let (count, accumulate): (Int, Int32) = (rows.count, accumulates ? 1 : 0)
      if isBFloat16 {
        kernel_gemv_bf16(BFloat16.rounded(part), 310, vector, &y, count, size.columns, accumulate)
      } else {
        kernel_gemv(part, 310, vector, &y, count, size.columns, accumulate)
      }
      result += y
    }
    return result
  }

  private func transposedProduct(_ size: Size, _ isBFloat16: Bool, split: Int) -> [Float] {
    var result = start
    for rows in [0..<split, split..<size.rows] {
      let part = Array(matrix[rows.lowerBound * 310..<rows.upperBound * 310])
      if isBFloat16 {
        kernel_gemv_transposed_bf16(
          BFloat16.rounded(part), 310, Array(vector[rows]), &result, rows.count, size.columns)
      } else {
        kernel_gemv_transposed(part, 310, Array(vector[rows]), &result, rows.count, size.columns)
      }
    }
    return result
  }
}
