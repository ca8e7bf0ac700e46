import CKernels
import Testing

@testable import Training

/// What Newton-Schulz in bf16 does between its products, at sizes with every kind of rest of blocks of 8 and vectors of 16.
@Suite struct RoundedMatrixTests {
  private static let instructions = BFloat16ProductTests.instructions

  static let sizes = [(1, 1), (3, 7), (8, 8), (9, 16), (20, 33), (33, 20), (40, 64)]

  @Test(arguments: sizes)
  func scalesAndRounds(rows: Int, columns: Int) {
    let x = Self.values(rows * columns)
    for instructions in Self.instructions {
      let found = Matrix(rows, columns) { kernel_round_scaled(instructions, x, 0.5, $0) }
      #expect(found.isPaddedByZeros)
      #expect(found.values == BFloat16.widened(BFloat16.rounded(x.map { 0.5 * $0 })))
    }
  }

  @Test(arguments: sizes)
  func scalesAndAdds(rows: Int, columns: Int) {
    let (x, y) = (Self.values(rows * columns), Self.values(rows * columns, seed: 2))
    let rounded = BFloat16.widened(BFloat16.rounded(x))
    for instructions in Self.instructions {
      let found = Matrix(rows, columns) { matrix in
        kernel_round_scaled(instructions, x, 1, matrix)
        kernel_scale_and_add(instructions, matrix, 2, y)
      }
      #expect(found.isPaddedByZeros)
      #expect(found.values == BFloat16.widened(BFloat16.rounded(zip(rounded, y).map { 2 * $0 + $1 })))
    }
  }

  /// From what is on and below the diagonal alone.
  @Test(arguments: [1, 7, 8, 16, 20, 33, 64], [false, true])
  func roundsASymmetricMatrix(side: Int, isAdded: Bool) {
    let (x, added) = (Self.values(side * side), Self.values(side * side, seed: 2))
    for instructions in Self.instructions {
      let other = Matrix(side, side) { kernel_round_scaled(instructions, added, 1, $0) }
      let found = Matrix(side, side) { matrix in
        other.bits.withUnsafeBufferPointer {
          kernel_round_symmetric(instructions, x, 2, isAdded ? $0.baseAddress : nil, matrix)
        }
      }
      let rounded = other.values
      let expected = (0..<side * side).map { index in
        let (row, column) = (max(index / side, index % side), min(index / side, index % side))
        let place = row * side + column
        return isAdded ? 2 * rounded[place] + x[place] : x[place]
      }
      #expect(found.isPaddedByZeros)
      #expect(found.values == BFloat16.widened(BFloat16.rounded(expected)))
    }
  }

  /// A sum of many digits is rounded once, or, without instructions that multiply and add, after the product, too.
  @Test func fuses() {
    let (x, y) = (Self.values(999).map { $0 * 0.123 }, Self.values(999, seed: 2).map { $0 * 0.321 })
    let rounded = BFloat16.widened(BFloat16.rounded(x))
    let fused = BFloat16.rounded(zip(rounded, y).map { $1.addingProduct(3.4445, $0) })
    for instructions in Self.instructions {
      let found = Matrix(1, 999) { matrix in
        kernel_round_scaled(instructions, x, 1, matrix)
        kernel_scale_and_add(instructions, matrix, 3.4445, y)
      }
      let different = zip(found.values, BFloat16.widened(fused)).filter { $0 != $1 }
      #expect(instructions == bf16_instructions_none || different.isEmpty)
      #expect(different.allSatisfy { abs($0 - $1) <= abs($0) / 128 })
    }
  }

  static let specials: [(Float, Float)] = [
    // Halves go to the even neighbour; numbers beyond the largest become infinite, and subnormal ones zero.
    (1.00390625, 1), (1.01171875, 1.015625), (.infinity, .infinity), (-.greatestFiniteMagnitude, -.infinity),
    (.leastNormalMagnitude, .leastNormalMagnitude), (Float.leastNormalMagnitude.nextDown, 0),
    (-.leastNonzeroMagnitude, -0.0),
  ]

  @Test(arguments: specials)
  func roundsAsProductsDo(value: Float, expected: Float) {
    for instructions in Self.instructions {
      let found = Self.roundedAlone(value, instructions)
      #expect(found.allSatisfy { $0.bitPattern == expected.bitPattern })
    }
  }

  @Test func keepsWhatIsNoNumber() {
    for instructions in Self.instructions {
      let found = Self.roundedAlone(.nan, instructions)
      #expect(found.allSatisfy { $0.isNaN })
    }
  }

  /// In a whole vector and behind it.
  private static func roundedAlone(_ value: Float, _ instructions: bf16_instructions) -> [Float] {
    Matrix(1, 17) { kernel_round_scaled(instructions, [Float](repeating: value, count: 17), 1, $0) }.values
  }

  /// Of few digits, so that sums are exact and rounded once.
  private static func values(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var stream = RandomStream(seed: seed)
    return (0..<count).map { _ in (Float(stream.uniform() - 0.5) * 4096).rounded() / 1024 }
  }
}

/// [rows, columns] with padding that was not zero before.
private struct Matrix {
  let bits: [UInt16]
  private let columns: Int
  private let ld: Int

  init(_ rows: Int, _ columns: Int, _ make: (bf16_matrix) -> Void) {
    let ld = MatrixProduct.alignedColumns(columns)
    var bits = [UInt16](repeating: 0x3f80, count: rows * ld)
    bits.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      make(bf16_matrix(values: base, rows: rows, columns: columns, ld: ld))
    }
    (self.bits, self.columns, self.ld) = (bits, columns, ld)
  }

  var values: [Float] { BFloat16.widened(bits.indices.filter { $0 % ld < columns }.map { bits[$0] }) }
  var isPaddedByZeros: Bool { bits.indices.allSatisfy { $0 % ld < columns || bits[$0] == 0 } }
}
