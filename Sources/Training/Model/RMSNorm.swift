internal import CKernels

typealias Floats = UnsafeMutablePointer<Float>

/// `y = gain * x / sqrt(mean(x²) + eps)` on rows of `width`.
struct RMSNorm {
  /// Of the gain within its group of parameters.
  let offset: Int
  /// Of the gain among those of all norms.
  let gainPlace: Int
  let width: Int
  let eps: Float
  /// Of this norm's part among the per-thread sums of gain gradients.
  let gainSlot: Int

  init(_ name: String, layout: ParameterLayout, width: Int, eps: Float, gainSlot: Int) {
    offset = layout.offset(name)
    gainPlace = layout.gainPlace(name)
    self.width = width
    self.eps = eps
    self.gainSlot = gainSlot
  }

  /// `x` [rows, width at distance ldx] to `normed` [rows, width], `rstd` [rows].
  func forward(
    _ rows: Range<Int>, weights: GroupWeights, x: Floats, ldx: Int, normed: Floats, rstd: Floats
  ) {
    kernel_rms_norm(
      x + rows.lowerBound * ldx, ldx, weights.gain(self), eps, normed + rows.lowerBound * width, width,
      rstd + rows.lowerBound, rows.count, width)
  }

  /// `sum = x + y`, then the norm of the sum; all [rows, width].
  func forwardAdding(
    _ rows: Range<Int>, weights: GroupWeights, x: Floats, y: Floats, sum: Floats, normed: Floats, rstd: Floats
  ) {
    let start = rows.lowerBound * width
    kernel_add_rms_norm(
      x + start, y + start, weights.gain(self), eps, sum + start, normed + start, rstd + rows.lowerBound, rows.count,
      width)
  }

  /// `dx` [rows, width at distance lddx] `= residual + gradient`, and adds to this thread's sums of gain gradients.
  func backward(
    _ rows: Range<Int>, weights: GroupWeights, gainSums: Floats, dnormed: Floats, x: Floats, ldx: Int, rstd: Floats,
    residual: Floats? = nil, dx: Floats, lddx: Int
  ) {
    kernel_rms_norm_backward(
      dnormed + rows.lowerBound * width, width, x + rows.lowerBound * ldx, ldx, weights.gain(self),
      rstd + rows.lowerBound, residual.map { $0 + rows.lowerBound * lddx }, dx + rows.lowerBound * lddx, lddx,
      gainSums + gainSlot, rows.count, width)
  }

  /// The gain's gradient, from the threads' sums, which are added in the order of the threads; the first one's is used up.
  func storeGradient(_ scratch: Scratch, _ gradients: GradientTarget) {
    guard let sum = scratch.threads.first.map({ $0.gainSums + gainSlot }) else { return }
    for thread in scratch.threads.dropFirst() { kernel_add(thread.gainSums + gainSlot, sum, width) }
    let target = gradients.base + offset
    if gradients.beta == 0 { target.update(from: sum, count: width) } else { kernel_add(sum, target, width) }
  }
}
