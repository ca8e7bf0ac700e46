package import LaunchModel

/// Bytes of activations that one token leaves in one layer for the backward pass, in bf16 with flash attention, no
/// dropout, unfused rope and balanced routing.
///
/// Derived from megatron-core's `multi_latent_attention.py` and `moe/experts.py`: what each operation saves.
/// Megatron's own report (``MegatronMemoryReport``) ignores top-k, shared experts and the MLA dimensions.
package struct ActivationBytes: Hashable, Sendable {
  /// What sequence parallelism splits and plain tensor parallelism does not: residuals, norm outputs, latents.
  package var sequence: Double
  /// What tensor parallelism splits in any case.
  package var tensor: Double

  package var total: Double { sequence + tensor }

  /// On one rank.
  package func perRank(tensorParallel: Int, sequenceParallel: Bool) -> Double {
    let share = Double(max(tensorParallel, 1))
    return tensor / share + (sequenceParallel ? sequence / share : sequence)
  }

  /// - Parameters:
  ///   - isMoE: which kind of layer.
  ///   - recompute: what is computed again instead of kept.
  ///   - flashAttention: without it, `2 * heads * sequence` bytes of scores are kept as well.
  package init(
    _ shape: Architecture, isMoE: Bool, recompute: RecomputePlan, sequenceLength: Int, flashAttention: Bool = true
  ) {
    guard recompute != .full else {
      self.init(sequence: 2 * Double(shape.hiddenSize), tensor: 0)
      return
    }
    let hidden = Double(shape.hiddenSize)
    let heads = Double(shape.numAttentionHeads)
    let gate: Double = shape.gatedLinearUnit ? 2 : 1

    // Attention: residual, norm output.
    var sequence = 2 * hidden
    if !recompute.drops(.layerNorm) { sequence += 2 * hidden }
    var tensor = 0.0
    if shape.isLatentAttention {
      let query = heads * Double(shape.qkHeadDim + shape.qkPosEmbHeadDim)
      let value = heads * Double(shape.vHeadDim)
      let latent = Double(shape.kvLoraRank)
      // Latent with its rotated key, latent norm output; the query's latent and its norm output.
      sequence += 2 * (latent + Double(shape.qkPosEmbHeadDim)) + 2 * latent + 4 * Double(shape.qLoraRank ?? 0)
      tensor += 2 * value
      if !recompute.drops(.mlaUpProjection) { tensor += 2 * query + 2 * query + 2 * value }
    } else {
      let width = Double(shape.kvChannels)
      tensor += 2 * heads * width + 2 * (heads + 2 * Double(shape.numQueryGroups)) * width
    }
    if !recompute.drops(.coreAttention) {
      tensor += 4 * heads
      if !flashAttention { tensor += 2 * heads * Double(sequenceLength) }
    }

    // MLP: residual, norm output, projections, activation.
    sequence += 2 * hidden
    if isMoE, recompute.drops(.moe) {
      sequence += recompute.drops(.layerNorm) ? 0 : 2 * hidden
    } else if isMoE {
      if !recompute.drops(.layerNorm) { sequence += 2 * hidden }
      let experts = Double(shape.numMoEExperts)
      let topK = Double(min(shape.moeRouterTopK, shape.numMoEExperts))
      let width = Double(shape.moeFFNHiddenSize)
      tensor += 12 * experts
      let shared = Double(shape.sharedExpertIntermediateSize)
      if !recompute.drops(.sharedExperts) { tensor += 2 * gate * shared + 2 * shared }
      tensor += topK * (2 * hidden + 2 * gate * width + 4)
      if !recompute.drops(.moeActivation) { tensor += topK * 2 * width }
    } else if recompute.drops(.mlp) {
      sequence += recompute.drops(.layerNorm) ? 0 : 2 * hidden
    } else {
      if !recompute.drops(.layerNorm) { sequence += 2 * hidden }
      let width = Double(shape.ffnHiddenSize)
      tensor += 2 * gate * width + 2 * width
    }
    self.init(sequence: sequence, tensor: tensor)
  }

  private init(sequence: Double, tensor: Double) {
    self.sequence = sequence
    self.tensor = tensor
  }
}
