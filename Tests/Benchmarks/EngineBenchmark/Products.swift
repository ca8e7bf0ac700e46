import CBLAS
import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A matrix product as one thread of a training step on mini meets it.
struct ProductSize {
  let name: String
  let m: Int, n: Int, k: Int
  var isATransposed = false
  var isBTransposed = false
  /// Only the triangle below the diagonal is wanted.
  var isLower = false
}

let productSizes = [
  ProductSize(name: "projection", m: 512, n: 544, k: 256, isBTransposed: true),
  ProductSize(name: "projection's input", m: 512, n: 256, k: 544),
  ProductSize(name: "projection's weight", m: 272, n: 256, k: 1024, isATransposed: true),
  ProductSize(name: "expert", m: 192, n: 352, k: 256, isBTransposed: true),
  ProductSize(name: "expert's input", m: 192, n: 256, k: 352),
  ProductSize(name: "expert's weight", m: 352, n: 256, k: 192, isATransposed: true),
  ProductSize(name: "head", m: 512, n: 4096, k: 256, isBTransposed: true),
  ProductSize(name: "head's weight", m: 2048, n: 256, k: 1024, isATransposed: true),
  ProductSize(name: "scores", m: 64, n: 256, k: 64, isBTransposed: true),
  ProductSize(name: "values", m: 64, n: 64, k: 256),
  ProductSize(name: "Muon's gram", m: 176, n: 176, k: 256, isBTransposed: true, isLower: true),
  ProductSize(name: "Muon's symmetric", m: 176, n: 176, k: 176, isLower: true),
  ProductSize(name: "Muon's factor", m: 176, n: 256, k: 176),
]

/// What multiplies operands rounded to bf16, with a name.
private let roundedProducts = [
  (bf16_instructions_none, "rounded"), (bf16_instructions_avx512, "AVX512-BF16"), (bf16_instructions_amx, "AMX"),
]

/// Prints the speed of our products, in fp32 and of operands rounded to bf16, and of the BLAS, on one thread, at the best of
/// several repetitions.
func timeProducts() {
  openblas_set_num_threads(1)
  let rounded = roundedProducts.filter { kernel_bf16_is_available($0.0) != 0 }
  for (instructions, name) in roundedProducts where kernel_bf16_is_available(instructions) == 0 {
    print("products by \(name) are skipped: this processor does not have it, or the system does not permit it")
  }
  for size in productSizes {
    let a = [Float](repeating: 0.5, count: size.m * size.k)
    let b = [Float](repeating: 0.25, count: size.n * size.k)
    var c = [Float](repeating: 0, count: size.m * size.n)
    let (lda, ldb) = (size.isATransposed ? size.m : size.k, size.isBTransposed ? size.k : size.n)
    let operations = Double(size.m * size.n * size.k) * (size.isLower ? 1 : 2)
    func rate(_ product: () -> Void) -> Double {
      let repetitions = max(1, Int(2e8 / operations))
      var best = Double.infinity
      for _ in 0..<15 {
        let start = seconds(CLOCK_PROCESS_CPUTIME_ID)
        for _ in 0..<repetitions { product() }
        best = min(best, (seconds(CLOCK_PROCESS_CPUTIME_ID) - start) / Double(repetitions))
      }
      return operations / best * 1e-9
    }
    let ours = rate {
      kernel_gemm(
        a, lda, size.isATransposed ? 1 : 0, b, ldb, size.isBTransposed ? 1 : 0, &c, size.n, size.m, size.n, size.k, 1,
        0,
        size.isLower ? 1 : 0, memory_region())
    }
    let ratios = rounded.map { instructions, name in
      let rate = rate {
        a.withUnsafeBytes { a in
          b.withUnsafeBytes { b in
            guard let a = a.baseAddress, let b = b.baseAddress else { return }
            kernel_gemm_bf16(
              instructions,
              gemm_operand(values: a, ld: lda, is_transposed: size.isATransposed ? 1 : 0, is_bf16: 0, is_packed: 0),
              gemm_operand(values: b, ld: ldb, is_transposed: size.isBTransposed ? 1 : 0, is_bf16: 0, is_packed: 0),
              &c, size.n, size.m, size.n, size.k, 1, 0, size.isLower ? 1 : 0, memory_region())
          }
        }
      }
      return ", \(name) \(decimal(rate / ours))"
    }
    let isSyrk = size.isLower && size.isBTransposed
    let blas = rate {
      if isSyrk {
        cblas_ssyrk(
          CblasRowMajor, CblasLower, CblasNoTrans, Int32(size.m), Int32(size.k), 1, a, Int32(lda), 0, &c, Int32(size.n))
      } else {
        cblas_sgemm(
          CblasRowMajor, size.isATransposed ? CblasTrans : CblasNoTrans, size.isBTransposed ? CblasTrans : CblasNoTrans,
          Int32(size.m), Int32(size.n), Int32(size.k), 1, a, Int32(lda), b, Int32(ldb), 0, &c, Int32(size.n))
      }
    }
    print(
      "product \(size.name) \(size.m) x \(size.n) x \(size.k): ours \(decimal(ours)), BLAS \(decimal(blas)) GFLOP/s,"
        + " ratio \(decimal(ours / blas)); in bf16, times ours: \(ratios.joined().dropFirst(2))")
  }
}
