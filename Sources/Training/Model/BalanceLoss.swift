internal import CKernels

/// Megatron's `seq_aux_loss`: for every sequence `coeff * E / (K * S²) * sum over e of load[e] * probability[e]`,
/// averaged over the sequences of the micro-batch. Loads come from the scores without the correction bias and carry no
/// gradient; probabilities are the scores normalised to one.
extension MixtureOfExperts {
  /// [sequences, experts]: the factor of each normalised score in the loss, times the gradient's scale; `nil` where the
  /// loss is off.
  func balanceGradient(_ pass: Pass, _ kept: Activations) -> Floats? {
    guard let scale = pass.balanceScale else { return nil }
    let sequences = pass.tokens / pass.length
    let loads = pass.scratch.balance
    balanceStatistics(pass, kept)
    let factor = scale * normaliser(pass)
    for index in 0..<sequences * shape.nRoutedExperts { loads[index] *= factor }
    return loads
  }

  /// The loss itself with coefficient one, before the forward activations are used up.
  func balanceLoss(_ pass: Pass, _ kept: Activations) -> Float {
    let count = pass.tokens / pass.length * shape.nRoutedExperts
    balanceStatistics(pass, kept)
    var sum: Float = 0
    for index in 0..<count { sum += pass.scratch.balance[index] * pass.scratch.balance[count + index] }
    return sum * normaliser(pass)
  }

  private func normaliser(_ pass: Pass) -> Float {
    let sequences = pass.tokens / pass.length
    return Float(shape.nRoutedExperts)
      / (Float(shape.numExpertsPerTok) * Float(pass.length) * Float(pass.length) * Float(sequences))
  }

  /// Loads, then probability sums, [sequences, experts] each, in `scratch.balance`.
  private func balanceStatistics(_ pass: Pass, _ kept: Activations) {
    let (sequences, experts) = (pass.tokens / pass.length, shape.nRoutedExperts)
    let loads = pass.scratch.balance
    let probabilities = loads + sequences * experts
    loads.update(repeating: 0, count: 2 * sequences * experts)
    pass.pool.forRanges(sequences) { range in
      for sequence in range {
        kernel_balance_statistics(
          kept.scores + sequence * pass.length * experts, experts, shape.numExpertsPerTok,
          loads + sequence * experts, probabilities + sequence * experts, pass.length)
      }
    }
  }
}
