import CKernels
import Testing

@testable import Training

/// The kernel against sums in double precision, at sizes that leave every kind of rest: rows beside sixes, columns
/// beside sixteens, depth and columns beyond one packed block, rows beyond one; and few rows beside many columns, which are
/// computed turned, with a row too few for whole vectors.
@Suite struct MatrixProductTests {
  struct Size: Sendable, CustomTestStringConvertible {
    let m: Int, n: Int, k: Int
    var testDescription: String { "\(m) x \(n) x \(k)" }
  }

  static let sizes = [
    Size(m: 1, n: 1, k: 1), Size(m: 5, n: 15, k: 7), Size(m: 6, n: 16, k: 8), Size(m: 7, n: 17, k: 9),
    Size(m: 8, n: 32, k: 16), Size(m: 13, n: 40, k: 300), Size(m: 100, n: 18, k: 21), Size(m: 9, n: 300, k: 10),
    Size(m: 3, n: 20, k: 1030), Size(m: 6, n: 33, k: 0), Size(m: 15, n: 37, k: 100), Size(m: 32, n: 130, k: 300),
  ]

  @Test(arguments: sizes, [(false, false), (false, true), (true, false), (true, true)])
  func agreesWithSums(_ size: Size, _ transposed: (a: Bool, b: Bool)) {
    let operands = Operands(size, isATransposed: transposed.a, isBTransposed: transposed.b)
    #expect(operands.largestError(alpha: 1, beta: 0) < 1e-5)
    #expect(operands.largestError(alpha: -0.5, beta: 2) < 1e-5)
  }

  @Test(arguments: sizes.filter { $0.m > 5 && $0.k > 0 })
  func lowerTriangleIsWhole(_ size: Size) {
    let square = Size(m: size.m, n: size.m, k: size.k)
    let operands = Operands(square, isATransposed: false, isBTransposed: true)
    #expect(operands.largestError(alpha: 1, beta: 0, lower: true) < 1e-5)
  }

  /// With beta 0 the result is written, whatever was there.
  @Test func ignoresWhatItReplaces() {
    let a: [Float] = [1, 2]
    var c: [Float] = [.nan]
    kernel_gemm(a, 2, 0, a, 2, 1, &c, 1, 1, 1, 2, 1, 0, 0, memory_region())
    #expect(c == [5])
  }

  /// Rows computed alone are, bit for bit, the rows of the whole. Turned are 16 of the first, and all of the second, which are
  /// more than one block.
  @Test(arguments: [
    (Size(m: 29, n: 50, k: 301), 11), (Size(m: 29, n: 50, k: 301), 16), (Size(m: 272, n: 450, k: 450), 100),
  ])
  func doesNotDependOnTheSplit(_ size: Size, _ first: Int) {
    let operands = Operands(size, isATransposed: false, isBTransposed: true)
    let whole = operands.product(rows: 0..<size.m)
    #expect(operands.product(rows: 0..<first) + operands.product(rows: first..<size.m) == whole)
  }

  /// What the next product reads is a hint: also where it is shorter than what there is time for, or no memory at all.
  @Test(arguments: [1, 64, 1000, 1 << 20])
  func whatIsFetchedChangesNoBit(_ bytes: Int) {
    let operands = Operands(Size(m: 120, n: 290, k: 300), isATransposed: false, isBTransposed: true)
    let next = memory_region(start: UnsafeRawPointer(bitPattern: 4096), bytes: bytes)
    #expect(operands.product(rows: 0..<120, next: next) == operands.product(rows: 0..<120))
  }
}

private struct Operands {
  let size: MatrixProductTests.Size
  let isATransposed: Bool
  let isBTransposed: Bool
  let a: [Float]
  let b: [Float]
  let c: [Float]

  init(_ size: MatrixProductTests.Size, isATransposed: Bool, isBTransposed: Bool) {
    var stream = RandomStream(seed: 3)
    func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float(stream.uniform() - 0.5) } }
    self.size = size
    self.isATransposed = isATransposed
    self.isBTransposed = isBTransposed
    a = values(max(1, size.m * size.k))
    b = values(max(1, size.n * size.k))
    c = values(size.m * size.n)
  }

  private var lda: Int { isATransposed ? size.m : size.k }
  private var ldb: Int { isBTransposed ? size.k : size.n }

  func largestError(alpha: Float, beta: Float, lower: Bool = false) -> Double {
    var result = c
    kernel_gemm(
      a, lda, isATransposed ? 1 : 0, b, ldb, isBTransposed ? 1 : 0, &result, size.n, size.m, size.n, size.k, alpha,
      beta, lower ? 1 : 0, memory_region())
    var largest = 0.0
    for row in 0..<size.m {
      for column in 0..<(lower ? row + 1 : size.n) {
        var sum = 0.0
        for depth in 0..<size.k {
          let left = a[isATransposed ? depth * size.m + row : row * size.k + depth]
          let right = b[isBTransposed ? column * size.k + depth : depth * size.n + column]
          sum += Double(left) * Double(right)
        }
        let expected = Double(alpha) * sum + Double(beta) * Double(c[row * size.n + column])
        largest = max(largest, abs(Double(result[row * size.n + column]) - expected))
      }
    }
    return largest
  }

  func product(rows: Range<Int>, next: memory_region = memory_region()) -> [Float] {
    var result = Array(repeating: Float(0), count: rows.count * size.n)
    a.withUnsafeBufferPointer { a in
      guard let base = a.baseAddress else { return }
      kernel_gemm(
        base + rows.lowerBound * size.k, size.k, 0, b, ldb, 1, &result, size.n, rows.count, size.n, size.k, 1, 0, 0,
        next)
    }
    return result
  }
}
