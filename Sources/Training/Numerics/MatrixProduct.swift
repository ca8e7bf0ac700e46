internal import CBLAS
internal import CKernels

/// Row-major matrix products on the calling thread, summed in single precision.
///
/// The engine spreads work over its own threads and lets each compute its share of a product. Our kernel (gemm.c) serves it,
/// and the BLAS on processors that the kernel has no vectors for.
/// Measured on one core against OpenBLAS 0.3.21. Zen 4 (AVX-512, at most 117 GFLOP/s): 1.01 to 1.11 times as fast for the sizes
/// of a training step, 1.9 times for a symmetric product, 0.95 times at 2048 x 2048 x 2048. Zen 3 (AVX2): equal at 512 x 512 x 512,
/// 1.05 to 1.15 times as fast at an expert's 192 x 352 x 256, 1.3 to 1.5 times at an attention head's 64 x 64 x 64. Sapphire
/// Rapids (AVX-512): 150 GFLOP/s where that reaches 30.
///
/// Operands rounded to bf16 are multiplied by the processor's instructions for them where it has fast ones (gemm_bf16.c),
/// elsewhere as the fp32 numbers that they are. What is multiplied is the same, so results agree to the order of sums.
struct MatrixProduct: Sendable {
  let precision: ProductPrecision
  private let upcoming: UpcomingMemory?

  init(_ precision: ProductPrecision) { self.init(precision, upcoming: nil) }

  private init(_ precision: ProductPrecision, upcoming: UpcomingMemory?) {
    self.precision = precision
    self.upcoming = upcoming
  }

  /// The same products, each of which brings some memory nearer to the core on the side: what the thread reads next.
  func fetching(_ upcoming: UpcomingMemory) -> MatrixProduct { MatrixProduct(precision, upcoming: upcoming) }

  static let fp32 = MatrixProduct(.fp32)

  /// An operand of a product, as it is stored.
  enum Operand: Equatable {
    case fp32(UnsafePointer<Float>)
    /// On the left and not transposed, rows lie ``alignedColumns(_:)`` apart, with zeros behind their columns.
    case bf16(UnsafePointer<UInt16>)
    /// Only on the right: as ``pack(_:_:isTransposed:columns:depth:part:of:to:)`` has laid it down, for products in bf16.
    case packed(UnsafeRawPointer)
  }

  /// Makes the BLAS stay on the calling thread. Idempotent; called once by every `WorkerPool`.
  static func useCallingThreadOnly() { openblas_set_num_threads(1) }

  private static let isOursFaster = kernel_gemm_is_preferred() != 0

  /// What a kind of processor has settles it, so that a run repeats itself to the bit.
  static let bf16Instructions = kernel_bf16_preferred()

  /// What every thread has to pack operands in.
  static var packingBytes: Int { kernel_packing_bytes() }

  /// Whether packing bf16 weights once, for several products, is worth its memory. On one Sapphire Rapids core products by
  /// AMX were 1.0 to 1.15 times as fast; by fp32 instructions less is gained, and what is packed is twice as large.
  static var keepsPackedWeights: Bool { bf16Instructions != bf16_instructions_none }

  /// How far rows of so many bf16 values lie apart in a left operand.
  static func alignedColumns(_ columns: Int) -> Int {
    (columns + bf16_row_multiple - 1) / bf16_row_multiple * bf16_row_multiple
  }

  // MARK: Packing

  /// Of a right operand [depth, columns].
  static func packedBytes(columns: Int, depth: Int) -> Int {
    (kernel_packed_bytes(bf16Instructions, columns, depth) + 63) / 64 * 64
  }

  /// Packs one of several parts of a right operand [depth, columns]; together they are the whole.
  ///
  /// - Parameter isTransposed: it is stored [columns, depth].
  static func pack(
    _ operand: Operand, _ ld: Int, isTransposed: Bool, columns: Int, depth: Int, part: Int, of parts: Int,
    to packed: UnsafeMutableRawPointer
  ) {
    let panels = (columns + 31) / 32
    let (first, end) = (panels * part / parts * 32, min(columns, panels * (part + 1) / parts * 32))
    guard first < end else { return }
    let operand = StoredOperand(operand, ld, isTransposed).forKernel
    kernel_pack(bf16Instructions, operand, columns, depth, first, end, packed)
  }

  // MARK: Products

  /// `c[m, n] = alpha * a[m, k] * b[n, k]ᵀ + beta * c`: a linear layer's forward pass, `b` its weight.
  func timesTransposed(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: Operand, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    multiply(StoredOperand(.fp32(a), lda, false), StoredOperand(b, ldb, true), c, ldc, m, n, k, alpha, beta)
  }

  func timesTransposed(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    multiply(StoredOperand(.fp32(a), lda, false), StoredOperand(.fp32(b), ldb, true), c, ldc, m, n, k, alpha, beta)
  }

  /// `c[m, n] = alpha * a[m, k] * b[k, n] + beta * c`: the gradient of a linear layer's input.
  func times(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: Operand, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    multiply(StoredOperand(.fp32(a), lda, false), StoredOperand(b, ldb, false), c, ldc, m, n, k, alpha, beta)
  }

  func times(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    multiply(StoredOperand(.fp32(a), lda, false), StoredOperand(.fp32(b), ldb, false), c, ldc, m, n, k, alpha, beta)
  }

  /// `c[m, n] = a[m, k] * b[k, n]`
  func times(
    _ a: Operand, _ lda: Int, _ b: Operand, _ ldb: Int, into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int,
    k: Int
  ) {
    multiply(StoredOperand(a, lda, false), StoredOperand(b, ldb, false), c, ldc, m, n, k, 1, 0)
  }

  /// `c[m, n] = alpha * a[k, m]ᵀ * b[k, n] + beta * c`: the gradient of a linear layer's weight.
  func transposedTimes(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    multiply(StoredOperand(.fp32(a), lda, true), StoredOperand(.fp32(b), ldb, false), c, ldc, m, n, k, alpha, beta)
  }

  /// The lower triangle of `c[m, m] = a * aᵀ` for `a[m, k]`, or of `aᵀ * a` for `a[k, m]`. What is above the diagonal may be
  /// overwritten.
  func gram(_ a: Operand, _ lda: Int, transposed: Bool, into c: UnsafeMutablePointer<Float>, m: Int, k: Int) {
    multiply(StoredOperand(a, lda, transposed), StoredOperand(a, lda, !transposed), c, m, m, m, k, 1, 0, isLower: true)
  }

  /// Whether a symmetric product of two matrices costs half a product, as ours does; the BLAS has none.
  static var halvesSymmetricProducts: Bool { isOursFaster }

  /// The lower triangle of `c = alpha * a * b + beta * c`, all `[side, side]`, where it is known that the product is
  /// symmetric: for symmetric matrices that commute. What is above the diagonal may be overwritten.
  func symmetric(
    _ a: Operand, _ lda: Int, times b: Operand, _ ldb: Int, into c: UnsafeMutablePointer<Float>, side: Int,
    alpha: Float = 1, beta: Float = 0
  ) {
    let (left, right) = (StoredOperand(a, lda, false), StoredOperand(b, ldb, false))
    multiply(left, right, c, side, side, side, side, alpha, beta, isLower: true)
  }

  // MARK: What computes them

  private struct StoredOperand {
    let values: Operand
    let ld: Int
    let isTransposed: Bool

    init(_ values: Operand, _ ld: Int, _ isTransposed: Bool) {
      self.values = values
      self.ld = ld
      self.isTransposed = isTransposed
    }

    var forKernel: gemm_operand {
      switch values {
      case .fp32(let base):
        gemm_operand(values: base, ld: ld, is_transposed: isTransposed ? 1 : 0, is_bf16: 0, is_packed: 0)
      case .bf16(let base):
        gemm_operand(values: base, ld: ld, is_transposed: isTransposed ? 1 : 0, is_bf16: 1, is_packed: 0)
      case .packed(let base): gemm_operand(values: base, ld: 0, is_transposed: 0, is_bf16: 0, is_packed: 1)
      }
    }
  }

  private func multiply(
    _ a: StoredOperand, _ b: StoredOperand, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, _ m: Int, _ n: Int, _ k: Int,
    _ alpha: Float, _ beta: Float, isLower: Bool = false
  ) {
    guard m > 0, n > 0 else { return }
    if case .bf16 = a.values { assert(a.isTransposed || a.ld == Self.alignedColumns(k), "rows are not filled up") }
    switch (precision, a.values, b.values) {
    case (_, .packed, _): preconditionFailure("only a right operand is packed")
    case (.fp32, .fp32(let left), .fp32(let right)) where Self.isOursFaster:
      kernel_gemm(
        left, a.ld, a.isTransposed ? 1 : 0, right, b.ld, b.isTransposed ? 1 : 0, c, ldc, m, n, k, alpha, beta,
        isLower ? 1 : 0, UpcomingMemory.forKernel(upcoming))
    case (.fp32, .fp32(let left), .fp32(let right)):
      Self.multiplyWithBLAS(
        left, a.ld, a.isTransposed, right, b.ld, b.isTransposed, c, ldc, m, n, k, alpha, beta, isLower: isLower)
    case (.fp32, _, _): preconditionFailure("bf16 values are widened for fp32 products")
    case (.bf16, _, .packed): multiplyRoundedByKernel(a, b, c, ldc, m, n, k, alpha, beta, isLower: isLower)
    case (.bf16, _, _) where Self.isOursFaster || Self.bf16Instructions != bf16_instructions_none:
      multiplyRoundedByKernel(a, b, c, ldc, m, n, k, alpha, beta, isLower: isLower)
    case (.bf16, _, _):
      multiplyRoundedByBLAS(a, b, c, ldc, m, n, k, alpha, beta, isLower: isLower)
    }
  }

  private func multiplyRoundedByKernel(
    _ a: StoredOperand, _ b: StoredOperand, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, _ m: Int, _ n: Int, _ k: Int,
    _ alpha: Float, _ beta: Float, isLower: Bool
  ) {
    kernel_gemm_bf16(
      Self.bf16Instructions, a.forKernel, b.forKernel, c, ldc, m, n, k, alpha, beta, isLower ? 1 : 0,
      UpcomingMemory.forKernel(upcoming))
  }

  /// By the BLAS, from rounded copies of the operands.
  private func multiplyRoundedByBLAS(
    _ a: StoredOperand, _ b: StoredOperand, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, _ m: Int, _ n: Int, _ k: Int,
    _ alpha: Float, _ beta: Float, isLower: Bool
  ) {
    let (aRows, aColumns) = a.isTransposed ? (k, m) : (m, k)
    let (bRows, bColumns) = b.isTransposed ? (n, k) : (k, n)
    let isSame = a.values == b.values && (a.ld, aRows, aColumns) == (b.ld, bRows, bColumns)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, m * k + (isSame ? 0 : n * k))) { copies in
      guard let left = copies.baseAddress else { return }
      let right = isSame ? left : left + m * k
      kernel_round_operand(a.forKernel, aRows, aColumns, left)
      if !isSame { kernel_round_operand(b.forKernel, bRows, bColumns, right) }
      Self.multiplyWithBLAS(
        left, max(1, aColumns), a.isTransposed, right, max(1, bColumns), b.isTransposed, c, ldc, m, n, k, alpha, beta,
        isLower: isLower)
    }
  }

  static func multiplyWithBLAS(
    _ a: UnsafePointer<Float>, _ lda: Int, _ isATransposed: Bool, _ b: UnsafePointer<Float>, _ ldb: Int,
    _ isBTransposed: Bool, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, _ m: Int, _ n: Int, _ k: Int,
    _ alpha: Float, _ beta: Float, isLower: Bool = false
  ) {
    if isLower, a == b {
      // A matrix by its transpose, or a symmetric one by itself.
      cblas_ssyrk(
        CblasRowMajor, CblasLower, isATransposed ? CblasTrans : CblasNoTrans, Int32(m), Int32(k), alpha, a, Int32(lda),
        beta, c, Int32(ldc))
    } else {
      cblas_sgemm(
        CblasRowMajor, isATransposed ? CblasTrans : CblasNoTrans, isBTransposed ? CblasTrans : CblasNoTrans, Int32(m),
        Int32(n), Int32(k), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
    }
  }
}
