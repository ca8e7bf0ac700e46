package import LaunchModel
package import Topology

/// The activations that the layers of a chunk keep of one token for the backward pass, by recomputation. It depends on
/// no parallel size, so that one serves a whole search.
package struct KeptActivations: Sendable {
  private let kinds: LayerKinds
  private let dense: ActivationBytes
  private let moe: ActivationBytes
  /// Of a layer that nothing is recomputed of.
  private let wholeDense: ActivationBytes
  private let wholeMoE: ActivationBytes
  /// Both kinds may be recomputed whole.
  private let isFull: Bool
  /// `block` recomputes only so many layers of each chunk, from the first.
  private let recomputedLayers: Int
  /// Layers between two kept inputs.
  private let group: Int

  package init(_ config: borrowing LaunchConfig, _ shape: Architecture, _ kinds: LayerKinds, flashAttention: Bool) {
    let plan = RecomputePlan(config)
    let length = config.model.seqLength
    let bytes = { (isMoE: Bool, plan: RecomputePlan) in
      ActivationBytes(
        shape, isMoE: isMoE, recompute: plan, sequenceLength: length, flashAttention: flashAttention)
    }
    self.kinds = kinds
    (dense, moe) = (bytes(false, plan), bytes(true, plan))
    isFull = plan == .full
    (wholeDense, wholeMoE) = isFull ? (bytes(false, .none), bytes(true, .none)) : (dense, moe)
    let layers = max(config.recompute.recomputeNumLayers ?? 1, 1)
    recomputedLayers = config.recompute.recomputeMethod == .block ? layers : .max
    group = config.recompute.recomputeMethod == .uniform ? layers : 1
  }

  /// Bytes a token of one chunk on one rank; the logits are not among them.
  package func bytes(of chunk: PipelineStage, tensorParallel: Int, sequenceParallel: Bool) -> Double {
    let share = { (bytes: ActivationBytes) in
      bytes.perRank(tensorParallel: tensorParallel, sequenceParallel: sequenceParallel)
    }
    let all = kinds.contents(of: chunk)
    let mtp = Double(all.mtpLayers) * share(kinds.endsInMoE ? wholeMoE : wholeDense)
    guard isFull else {
      return mtp + Double(all.denseLayers) * share(dense) + Double(all.moeLayers) * share(moe)
    }
    let again = recomputedLayers < chunk.numLayers ? kinds.contents(of: chunk, limit: recomputedLayers) : all
    let inputs = Double(again.denseLayers) * share(dense) + Double(again.moeLayers) * share(moe)
    return mtp + inputs / Double(group) + Double(all.denseLayers - again.denseLayers) * share(wholeDense)
      + Double(all.moeLayers - again.moeLayers) * share(wholeMoE)
  }

  /// Bytes a token that full recomputation brings back at a time: the layers between two kept inputs.
  package func working(tensorParallel: Int, sequenceParallel: Bool) -> Double {
    guard isFull else { return 0 }
    return Double(group)
      * max(
        wholeDense.perRank(tensorParallel: tensorParallel, sequenceParallel: sequenceParallel),
        wholeMoE.perRank(tensorParallel: tensorParallel, sequenceParallel: sequenceParallel))
  }
}
