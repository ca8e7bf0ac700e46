internal import CBLAS
internal import CKernels

/// Row-major single precision matrix products on the calling thread.
///
/// The engine spreads work over its own threads and lets each compute its share of a product. Two implementations
/// serve it: our kernel for the sizes of a training step (gemm.c), and the BLAS on processors that it has no vectors for.
/// Measured against OpenBLAS 0.3.21 on one Zen 3 core: equal at 512 x 512 x 512, 1.05 to 1.15 times as fast at an expert's
/// 192 x 352 x 256, 1.3 to 1.5 times at an attention head's 64 x 64 x 64; with AVX-512 on one Sapphire Rapids core: 150
/// GFLOP/s where that reaches 30.
enum MatrixProduct {
  /// Makes the BLAS stay on the calling thread. Idempotent; called once by every `WorkerPool`.
  static func useCallingThreadOnly() { openblas_set_num_threads(1) }

  private static let isOursFaster = kernel_gemm_is_preferred() != 0

  /// `c[m, n] = alpha * a[m, k] * b[n, k]ᵀ + beta * c`: a linear layer's forward pass, `b` its weight.
  static func timesTransposed(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    multiply(a, lda, false, b, ldb, true, c, ldc, m, n, k, alpha, beta)
  }

  /// `c[m, n] = alpha * a[m, k] * b[k, n] + beta * c`: the gradient of a linear layer's input.
  static func times(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    multiply(a, lda, false, b, ldb, false, c, ldc, m, n, k, alpha, beta)
  }

  /// `c[m, n] = alpha * a[k, m]ᵀ * b[k, n] + beta * c`: the gradient of a linear layer's weight.
  static func transposedTimes(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    multiply(a, lda, true, b, ldb, false, c, ldc, m, n, k, alpha, beta)
  }

  /// The lower triangle of `c[m, m] = a * aᵀ` for `a[m, k]`, or of `aᵀ * a` for `a[k, m]`. What is above the diagonal may be
  /// overwritten.
  static func gram(
    _ a: UnsafePointer<Float>, _ lda: Int, transposed: Bool, into c: UnsafeMutablePointer<Float>, m: Int, k: Int
  ) {
    guard m > 0 else { return }
    if isOursFaster {
      kernel_gemm(a, lda, transposed ? 1 : 0, a, lda, transposed ? 0 : 1, c, m, m, m, k, 1, 0, 1)
    } else {
      cblas_ssyrk(
        CblasRowMajor, CblasLower, transposed ? CblasTrans : CblasNoTrans, Int32(m), Int32(k), 1, a, Int32(lda), 0, c,
        Int32(m))
    }
  }

  /// Whether a symmetric product of two matrices costs half a product, as ours does; the BLAS has none.
  static var halvesSymmetricProducts: Bool { isOursFaster }

  /// The lower triangle of `c = alpha * a * b + beta * c`, all `[side, side]`, where it is known that the product is
  /// symmetric: for symmetric matrices that commute. What is above the diagonal may be overwritten.
  static func symmetric(
    _ a: UnsafePointer<Float>, times b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, side: Int,
    alpha: Float = 1, beta: Float = 0
  ) {
    guard side > 0 else { return }
    if isOursFaster {
      kernel_gemm(a, side, 0, b, side, 0, c, side, side, side, side, alpha, beta, 1)
    } else if a == b {
      cblas_ssyrk(
        CblasRowMajor, CblasLower, CblasNoTrans, Int32(side), Int32(side), alpha, a, Int32(side), beta, c, Int32(side))
    } else {
      multiplyWithBLAS(a, side, false, b, side, false, c, side, side, side, side, alpha, beta)
    }
  }

  private static func multiply(
    _ a: UnsafePointer<Float>, _ lda: Int, _ isATransposed: Bool, _ b: UnsafePointer<Float>, _ ldb: Int,
    _ isBTransposed: Bool, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, _ m: Int, _ n: Int, _ k: Int,
    _ alpha: Float, _ beta: Float
  ) {
    guard m > 0, n > 0 else { return }
    if isOursFaster {
      kernel_gemm(a, lda, isATransposed ? 1 : 0, b, ldb, isBTransposed ? 1 : 0, c, ldc, m, n, k, alpha, beta, 0)
    } else {
      multiplyWithBLAS(a, lda, isATransposed, b, ldb, isBTransposed, c, ldc, m, n, k, alpha, beta)
    }
  }

  static func multiplyWithBLAS(
    _ a: UnsafePointer<Float>, _ lda: Int, _ isATransposed: Bool, _ b: UnsafePointer<Float>, _ ldb: Int,
    _ isBTransposed: Bool, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, _ m: Int, _ n: Int, _ k: Int,
    _ alpha: Float, _ beta: Float
  ) {
    cblas_sgemm(
      CblasRowMajor, isATransposed ? CblasTrans : CblasNoTrans, isBTransposed ? CblasTrans : CblasNoTrans, Int32(m),
      Int32(n), Int32(k), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }
}
