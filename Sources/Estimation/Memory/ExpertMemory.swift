package import LaunchModel

/// The routed experts of one MoE layer on one rank, for one size of expert and expert-tensor parallelism.
package struct ExpertMemory: Hashable, Sendable {
  package let state: ModelState
  /// What the allocator loses by their matrices.
  package let blocks: Double
  /// Of the layers that Megatron-FSDP has gathered at a time.
  package let gathered: Double
  /// Gradients of all experts' first matrices, which the backward pass makes at once where it cannot add them up in place.
  package let weightGradients: Double

  /// - Parameter replicas: of the experts.
  package init(
    _ settings: MemorySettings, _ shape: Architecture, _ parts: LayerParameters, expert: Int, expertTensor: Int,
    replicas: Int
  ) {
    let count = shape.numMoEExperts * parts.routedExpert / (expert * expertTensor)
    let local = shape.numMoEExperts / expert
    state = settings.state(count, settings.matrix, replicas: replicas)
    let second = shape.hiddenSize * shape.moeFFNHiddenSize / expertTensor
    let first = (shape.gatedLinearUnit ? 2 : 1) * second
    blocks =
      settings.lost(first, tensors: local, replicas: replicas)
      + settings.lost(second, tensors: local, replicas: replicas)
    gathered = Double(GatheredLayers.count) * settings.matrix.gathered(count, isFrozen: settings.isFrozen)
    weightGradients =
      settings.fusesWeightGradients || settings.isFrozen
      ? 0 : Double(local) * Double(first) * settings.matrix.weights
  }
}

/// Layers that Megatron-FSDP has whole at a time: the one that is computed, and the one that is gathered ahead of it
/// (megatron-core 0.16.1, `distributed/fsdp/src/megatron_fsdp`).
enum GatheredLayers {
  static let count = 2
}
