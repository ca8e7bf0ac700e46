#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

extension TrainingEngine {
  /// Floating point operations of the matrix products of one forward and backward pass (the optimizer not counted).
  ///
  /// Six for each weight that a token meets (forward, input gradient, weight gradient; a multiplication and an addition
  /// each), and the products of attention over the causal half.
  package func floatingPointOperations(tokens: Int, length: Int) -> Int {
    let shape = settings.shape
    var met = shape.vocabSize * shape.hiddenSize
    for tensor in layout.tensors where tensor.isMuon {
      if tensor.name.contains(".experts.") {
        // Of all experts a token meets `num_experts_per_tok`: counted once, with the first expert's tensors.
        met += tensor.name.contains(".experts.0.") ? tensor.count * shape.numExpertsPerTok : 0
      } else {
        met += tensor.count
      }
    }
    let perPair = 6 * shape.numAttentionHeads * (shape.qkHeadDim + shape.vHeadDim) * shape.numHiddenLayers
    return 6 * met * tokens + perPair * tokens * (length + 1) / 2
  }

  /// Operations a second of the BLAS' large matrix product, on all threads: what the engine's rate is compared with.
  package func measurePeak() -> Double {
    let side = 512
    guard let memory = try? Storage<Float>(count: 3 * side * side * pool.threads) else { return 0 }
    for index in 0..<memory.count { memory.base[index] = Float(index % 7) - 3 }
    var best = Double.infinity
    for _ in 0..<5 {
      let start = Self.seconds()
      pool.run { thread in
        let a = memory.base + 3 * side * side * thread
        for _ in 0..<8 {
          MatrixProduct.multiplyWithBLAS(
            a, side, false, a + side * side, side, false, a + 2 * side * side, side, side, side, side, 1, 0)
        }
      }
      best = min(best, Self.seconds() - start)
    }
    return Double(pool.threads * 8 * 2 * side * side * side) / best
  }

  private static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
