package import LaunchModel

/// What of a config, beside the shape of a layer, decides which tensors the layer's operations save.
package struct ActivationSettings: Hashable, Sendable {
  var recompute: RecomputePlan
  let offloaded: OffloadedModules
  /// Weights have no gradients, so that the inputs of linear modules are kept for adapters alone.
  let isFrozen: Bool
  /// Rank of the adapters, and whether they have magnitudes (DoRA).
  let adapterRank: Int
  let hasMagnitudes: Bool
  let sequenceLength: Int
  let flashAttention: Bool
  /// Tokens are permuted by one kernel, which keeps a map of rows.
  let permuteFusion: Bool
  /// A norm in front of a query projection without a latent; see ``Assumptions/normalizesWholeQuery``.
  let normalizesWholeQuery: Bool

  package init(_ config: borrowing LaunchConfig, _ assumptions: Assumptions) {
    recompute = RecomputePlan(config)
    offloaded = OffloadedModules(config)
    isFrozen = config.peft.isPresent
    adapterRank = config.peft.isPresent ? config.peft.dim : 0
    hasMagnitudes = config.peft.isPresent && config.peft.peftScheme == .dora
    sequenceLength = config.model.seqLength
    let backend = config.model.attentionBackend
    flashAttention = assumptions.flashAttention && backend != .unfused && backend != .local
    permuteFusion = config.model.moePermuteFusion
    normalizesWholeQuery =
      assumptions.normalizesWholeQuery && config.model.multiLatentAttention && config.model.qkLayernorm
      && config.model.qLoraRank == nil
  }
}
