import CKernels
import Testing

@testable import Training

/// AdamW on values stored in bf16, in one pass, against the same on widened values that are rounded afterwards.
@Suite struct AdamTests {
  @Test(arguments: [1, 16, 37, 1000])
  func valuesInBFloat16AreWidenedUpdatedAndRounded(count: Int) {
    var stream = RandomStream(seed: 5)
    func values(_ scale: Double) -> [Float] { (0..<count).map { _ in Float(stream.normalPair().0 * scale) } }
    let gradients = BFloat16.rounded(values(1))
    var weights = values(0.1)
    var (first, second) = (BFloat16.rounded(values(0.1)), BFloat16.rounded(values(0.1).map(abs)))
    var rounded = [UInt16](repeating: 0, count: count)
    let settings = adam_settings(
      lr: 0.01, weight_decay: 0.1, beta1: 0.9, beta2: 0.95, eps: 1e-8, correction1: 1.5, correction2: 2.5,
      gradient_scale: 0.5)

    var expected = (weights: weights, first: BFloat16.widened(first), second: BFloat16.widened(second))
    kernel_adam(
      &expected.weights, BFloat16.widened(gradients), &expected.first, &expected.second, settings, count)
    kernel_adam_bf16(&weights, &rounded, gradients, &first, &second, settings, count)
    #expect(weights == expected.weights)
    #expect(rounded == BFloat16.rounded(expected.weights))
    #expect(first == BFloat16.rounded(expected.first))
    #expect(second == BFloat16.rounded(expected.second))
  }
}
