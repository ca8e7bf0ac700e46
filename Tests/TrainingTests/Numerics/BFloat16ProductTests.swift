import CKernels
import Testing

@testable import Training

/// Products of operands rounded to bf16, by every kind of instructions that this processor has, against sums in double
/// precision of operands rounded here: at sizes that leave every kind of rest of tiles of 8, 16 and 32, beyond one packed block.
@Suite struct BFloat16ProductTests {
  static let instructions = [bf16_instructions_none, bf16_instructions_avx512, bf16_instructions_amx]
    .filter { kernel_bf16_is_available($0) != 0 }

  struct Size: Sendable, CustomTestStringConvertible {
    let m: Int, n: Int, k: Int
    var testDescription: String { "\(m) x \(n) x \(k)" }
  }

  static let sizes = [
    Size(m: 1, n: 1, k: 1), Size(m: 5, n: 15, k: 31), Size(m: 8, n: 16, k: 32), Size(m: 17, n: 33, k: 7),
    Size(m: 32, n: 32, k: 64), Size(m: 13, n: 40, k: 70), Size(m: 130, n: 18, k: 5), Size(m: 9, n: 530, k: 3),
    Size(m: 3, n: 5, k: 1030), Size(m: 6, n: 33, k: 0), Size(m: 0, n: 3, k: 2), Size(m: 3, n: 0, k: 2),
  ]

  @Test(arguments: sizes)
  func agreesWithSumsOfRoundedOperands(_ size: Size) {
    for instructions in Self.instructions {
      for (isATransposed, isBTransposed) in [(false, false), (false, true), (true, false), (true, true)] {
        let operands = RoundedOperands(size, isATransposed, isBTransposed)
        #expect(operands.largestError(instructions, isBStored: true, alpha: 1, beta: 0) < 1e-6)
        #expect(operands.largestError(instructions, isBStored: false, alpha: 1, beta: 1) < 1e-6)
        #expect(operands.largestError(instructions, isBStored: false, alpha: -0.5, beta: 2) < 1e-6)
      }
    }
  }

  @Test(arguments: [Size(m: 77, n: 77, k: 40), Size(m: 600, n: 600, k: 5)])
  func lowerTriangleIsWhole(_ size: Size) {
    for instructions in Self.instructions {
      let operands = RoundedOperands(size, false, true)
      #expect(operands.largestError(instructions, isBStored: false, alpha: 1, beta: 0, isLower: true) < 1e-6)
    }
  }

  /// What any processor may be asked, with a BLAS or without.
  @Test func precisionsDifferByTheRounding() {
    let a: [Float] = [1.00390625, 1.01171875, 3]
    let b: [Float] = [1, 2, 4]
    func dot(_ precision: ProductPrecision) -> Float {
      var c: [Float] = [.nan]
      MatrixProduct(precision).timesTransposed(a, 3, b, 3, into: &c, 1, m: 1, n: 1, k: 3)
      return c[0]
    }
    #expect(dot(.fp32) == 15.02734375)
    // Half a unit above 1 goes to the even 1, one and a half units to the even 1 + 2 / 128.
    #expect(dot(.bf16) == 15.03125)
  }

  @Test func storedOperandsAreTakenAsTheyAre() {
    let a: [Float] = [1, 2]
    let bits: [UInt16] = [0x3f80, 0x4040]
    var c: [Float] = [.nan]
    bits.withUnsafeBufferPointer { bits in
      guard let base = bits.baseAddress else { return }
      MatrixProduct(.bf16).timesTransposed(a, 2, .bf16(base), 2, into: &c, 1, m: 1, n: 1, k: 2)
    }
    #expect(c == [7])
  }

  /// Rows and columns computed alone are, bit for bit, those of the whole.
  @Test func doesNotDependOnTheSplit() {
    for instructions in Self.instructions {
      let operands = RoundedOperands(Size(m: 29, n: 75, k: 600), false, true)
      let whole = operands.product(instructions, rows: 0..<29)
      #expect(operands.product(instructions, rows: 0..<11) + operands.product(instructions, rows: 11..<29) == whole)
    }
  }

  /// A right operand that was packed before, in parts, gives the same bits, whatever is fetched on the side.
  @Test(arguments: sizes)
  func packedOperandsGiveTheSameBits(_ size: Size) {
    for instructions in Self.instructions {
      for (isATransposed, isBTransposed) in [(false, false), (false, true)] {
        let operands = RoundedOperands(size, isATransposed, isBTransposed)
        for isBStored in [false, true] {
          #expect(
            operands.packedProduct(instructions, isBStored: isBStored)
              == operands.product(instructions, isBStored: isBStored))
        }
      }
    }
  }

  /// A left operand that is stored as bf16 values, and read where it is, gives the same bits.
  @Test(arguments: sizes + [Size(m: 16, n: 20, k: 48), Size(m: 16, n: 20, k: 1030), Size(m: 160, n: 40, k: 2048)])
  func storedLeftOperandsGiveTheSameBits(_ size: Size) {
    for instructions in Self.instructions {
      for (isATransposed, isBTransposed) in [(false, false), (false, true), (true, false)] {
        let operands = RoundedOperands(size, isATransposed, isBTransposed)
        for isBStored in [false, true] {
          #expect(
            operands.storedProduct(instructions, isBStored: isBStored)
              == operands.product(instructions, isBStored: isBStored))
        }
      }
    }
  }

  /// As Muon has them: a matrix by its transpose, of which the lower triangle is wanted.
  @Test(arguments: [Size(m: 40, n: 40, k: 70), Size(m: 176, n: 176, k: 256), Size(m: 20, n: 20, k: 1030)])
  func storedTrianglesGiveTheSameBits(_ size: Size) {
    for instructions in Self.instructions {
      for isATransposed in [false, true] {
        let operands = RoundedOperands(size, isATransposed, !isATransposed)
        #expect(
          operands.storedProduct(instructions, isBStored: true, isLower: true)
            == operands.product(instructions, isBStored: true, isLower: true))
      }
    }
  }

  private static let subnormal = Float(bitPattern: 0x000a_0000)
  static let specials: [(Float, Float, Float)] = [
    (.nan, 1, .nan), (1, .nan, .nan), (.infinity, 2, .infinity), (.infinity, 0, .nan),
    (-Float.infinity, 2, -Float.infinity),
    // Beyond the largest bf16 number.
    (.greatestFiniteMagnitude, 1, .infinity),
    // Subnormal operands are zero, the largest too, which would round to a normal number.
    (subnormal, 1e30, 0), (1e30, subnormal, 0), (Float.leastNormalMagnitude.nextDown, 1e38, 0), (-subnormal, 1e30, 0),
    (.leastNormalMagnitude, 2, 2 * Float.leastNormalMagnitude),
  ]

  @Test(arguments: specials)
  func specialNumbers(_ a: Float, _ b: Float, _ expected: Float) {
    for instructions in Self.instructions {
      // Somewhere within a row, among zeros.
      var (left, right) = (Array(repeating: Float(0), count: 70), Array(repeating: Float(0), count: 70))
      (left[33], right[33]) = (a, b)
      var c: [Float] = [.nan]
      withOperand(left, 70, isTransposed: false) { left in
        withOperand(right, 70, isTransposed: true) { right in
          kernel_gemm_bf16(instructions, left, right, &c, 1, 1, 1, 70, 1, 0, 0, memory_region())
        }
      }
      #expect(expected.isNaN ? c[0].isNaN : c[0] == expected)
    }
  }
}

private func withOperand(_ values: [Float], _ ld: Int, isTransposed: Bool, _ body: (gemm_operand) -> Void) {
  values.withUnsafeBytes { values in
    guard let base = values.baseAddress else { return }
    body(gemm_operand(values: base, ld: ld, is_transposed: isTransposed ? 1 : 0, is_bf16: 0, is_packed: 0))
  }
}

private func withStoredOperand(_ values: [UInt16], _ ld: Int, isTransposed: Bool, _ body: (gemm_operand) -> Void) {
  values.withUnsafeBytes { values in
    guard let base = values.baseAddress else { return }
    body(gemm_operand(values: base, ld: ld, is_transposed: isTransposed ? 1 : 0, is_bf16: 1, is_packed: 0))
  }
}

private struct RoundedOperands {
  let size: BFloat16ProductTests.Size
  let isATransposed: Bool
  let isBTransposed: Bool
  /// Values beyond a row's end must not matter.
  private let margin = 3
  private let a: [Float]
  private let b: [Float]
  private let c: [Float]

  init(_ size: BFloat16ProductTests.Size, _ isATransposed: Bool, _ isBTransposed: Bool) {
    var stream = RandomStream(seed: 5)
    func values(_ count: Int) -> [Float] { (0..<max(1, count)).map { _ in Float(stream.uniform() - 0.5) } }
    self.size = size
    self.isATransposed = isATransposed
    self.isBTransposed = isBTransposed
    a = values((isATransposed ? size.k : size.m) * ((isATransposed ? size.m : size.k) + 3))
    b = values((isBTransposed ? size.n : size.k) * ((isBTransposed ? size.k : size.n) + 3))
    c = values(size.m * (size.n + 3))
  }

  private var lda: Int { (isATransposed ? size.m : size.k) + margin }
  private var ldb: Int { (isBTransposed ? size.k : size.n) + margin }
  private var ldc: Int { size.n + margin }

  /// Of any element, as a part of the sum of its products' magnitudes.
  func largestError(
    _ instructions: bf16_instructions, isBStored: Bool, alpha: Float, beta: Float, isLower: Bool = false
  ) -> Double {
    var result = c
    multiply(instructions, isBStored, a, into: &result, rows: size.m, alpha, beta, isLower)
    let (left, right) = (a.map(rounded), b.map(rounded))
    var largest = 0.0
    for row in 0..<size.m {
      for column in 0..<ldc where !isLower || column <= row || column >= size.n {
        let was = c[row * ldc + column]
        guard column < size.n else {
          if result[row * ldc + column] != was { return .infinity }
          continue
        }
        var (sum, magnitude) = (0.0, abs(Double(beta) * Double(was)))
        for depth in 0..<size.k {
          let product =
            left[isATransposed ? depth * lda + row : row * lda + depth]
            * right[isBTransposed ? column * ldb + depth : depth * ldb + column]
          sum += product
          magnitude += abs(Double(alpha) * product)
        }
        let error = abs(Double(result[row * ldc + column]) - (Double(alpha) * sum + Double(beta) * Double(was)))
        largest = max(largest, error == 0 ? 0 : error / magnitude)
      }
    }
    return largest
  }

  func product(
    _ instructions: bf16_instructions, isBStored: Bool = false, rows: Range<Int>? = nil, isLower: Bool = false
  ) -> [Float] {
    let rows = rows ?? 0..<size.m
    var result = Array(repeating: Float(0), count: rows.count * ldc)
    multiply(
      instructions, isBStored, Array(a[(rows.lowerBound * lda)...]), into: &result, rows: rows.count, 1, 0, isLower)
    return isLower ? lower(result) : result
  }

  private func multiply(
    _ instructions: bf16_instructions, _ isBStored: Bool, _ a: [Float], into c: inout [Float], rows: Int,
    _ alpha: Float, _ beta: Float, _ isLower: Bool
  ) {
    withOperand(a, lda, isTransposed: isATransposed) { left in
      withRightOperand(isBStored) { right in
        kernel_gemm_bf16(
          instructions, left, right, &c, ldc, rows, size.n, size.k, alpha, beta, isLower ? 1 : 0, memory_region())
      }
    }
  }

  /// All rows, by a left operand that is stored as bf16 values.
  func storedProduct(_ instructions: bf16_instructions, isBStored: Bool, isLower: Bool = false) -> [Float] {
    var result = [Float](repeating: 0, count: size.m * ldc)
    let (rows, columns) = isATransposed ? (size.k, size.m) : (size.m, size.k)
    let distance = MatrixProduct.alignedColumns(columns)
    var stored = [UInt16](repeating: 0, count: max(1, rows * distance))
    for row in 0..<rows {
      for column in 0..<columns { stored[row * distance + column] = bits(a[row * lda + column]) }
    }
    withStoredOperand(stored, distance, isTransposed: isATransposed) { left in
      withRightOperand(isBStored) { right in
        kernel_gemm_bf16(
          instructions, left, right, &result, ldc, size.m, size.n, size.k, 1, 0, isLower ? 1 : 0, memory_region())
      }
    }
    return isLower ? lower(result) : result
  }

  /// Of a result what is on and below the diagonal.
  private func lower(_ result: [Float]) -> [Float] {
    result.indices.map { $0 % ldc <= $0 / ldc ? result[$0] : 0 }
  }

  private func withRightOperand(_ isStored: Bool, _ body: (gemm_operand) -> Void) {
    if isStored {
      withStoredOperand(b.map(bits), ldb, isTransposed: isBTransposed, body)
    } else {
      withOperand(b, ldb, isTransposed: isBTransposed, body)
    }
  }

  private func bits(_ value: Float) -> UInt16 { UInt16(truncatingIfNeeded: Float(rounded(value)).bitPattern >> 16) }

  /// All rows, by a right operand that is packed in two parts.
  func packedProduct(_ instructions: bf16_instructions, isBStored: Bool) -> [Float] {
    var result = [Float](repeating: 0, count: size.m * ldc)
    let middle = min(size.n, (size.n / 2 + 31) / 32 * 32)
    withUnsafeTemporaryAllocation(
      byteCount: max(1, kernel_packed_bytes(instructions, size.n, size.k)), alignment: 64
    ) { packed in
      guard let base = packed.baseAddress else { return }
      withRightOperand(isBStored) { operand in
        kernel_pack(instructions, operand, size.n, size.k, middle, size.n, base)
        kernel_pack(instructions, operand, size.n, size.k, 0, middle, base)
      }
      let right = gemm_operand(values: base, ld: 0, is_transposed: 0, is_bf16: 0, is_packed: 1)
      withOperand(a, lda, isTransposed: isATransposed) { left in
        kernel_gemm_bf16(
          instructions, left, right, &result, ldc, size.m, size.n, size.k, 1, 0, 0,
          memory_region(start: base, bytes: size.n))
      }
    }
    return result
  }

  /// By distance, not by bits.
  private func rounded(_ value: Float) -> Double {
    let below = Float(bitPattern: value.bitPattern & 0xffff_0000)
    let above = Float(bitPattern: below.bitPattern + 0x1_0000)
    let (toBelow, toAbove) = (abs(Double(value) - Double(below)), abs(Double(above) - Double(value)))
    let isBelowEven = below.bitPattern & 0x1_0000 == 0
    return Double(toBelow < toAbove || toBelow == toAbove && isBelowEven ? below : above)
  }
}
