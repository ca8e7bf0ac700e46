internal import CBLAS

/// Row-major single precision matrix products on the calling thread.
///
/// The engine spreads work over its own threads and lets each call the BLAS for its share: measured with OpenBLAS
/// 0.3.21 on two cores, single-threaded products of the sizes met here (192 x 352 x 256) reach 97 % of one core's peak,
/// while the library's own threading loses a third to a half.
enum MatrixProduct {
  /// Makes the BLAS stay on the calling thread. Idempotent; called once by every `WorkerPool`.
  static func useCallingThreadOnly() { openblas_set_num_threads(1) }

  /// `c[m, n] = a[m, k] * b[n, k]ᵀ + beta * c`: a linear layer's forward pass, `b` its weight.
  @inline(__always)
  static func timesTransposed(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    guard m > 0, n > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(n), Int32(k), alpha, a, Int32(lda), b, Int32(ldb),
      beta, c, Int32(ldc))
  }

  /// `c[m, n] = a[m, k] * b[k, n] + beta * c`: the gradient of a linear layer's input.
  @inline(__always)
  static func times(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    guard m > 0, n > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), alpha, a, Int32(lda), b, Int32(ldb),
      beta, c, Int32(ldc))
  }

  /// `c[m, n] = a[k, m]ᵀ * b[k, n] + beta * c`: the gradient of a linear layer's weight.
  @inline(__always)
  static func transposedTimes(
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
    into c: UnsafeMutablePointer<Float>, _ ldc: Int, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    guard m > 0, n > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), alpha, a, Int32(lda), b, Int32(ldb),
      beta, c, Int32(ldc))
  }

  /// The lower triangle of `c[m, m] = alpha * a * aᵀ + beta * c` for `a[m, k]`, or of `aᵀ * a` for `a[k, m]`.
  @inline(__always)
  static func symmetric(
    _ a: UnsafePointer<Float>, _ lda: Int, transposed: Bool, into c: UnsafeMutablePointer<Float>, m: Int, k: Int,
    alpha: Float = 1, beta: Float = 0
  ) {
    cblas_ssyrk(
      CblasRowMajor, CblasLower, transposed ? CblasTrans : CblasNoTrans, Int32(m), Int32(k), alpha, a, Int32(lda),
      beta, c, Int32(m))
  }
}
