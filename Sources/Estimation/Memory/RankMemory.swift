/// Bytes that a rank of one pipeline stage needs.
package struct RankMemory: Hashable, Sendable {
  package let pipelineRank: Int
  package let layers: Int
  /// The model's parameters by how they are placed.
  package let placement: RankParameters
  /// Parameters of adapters.
  package let adapterParameters: Int
  /// Whether adapters alone are trained.
  package let isFrozen: Bool
  /// Of everything, adapters included.
  package let state: ModelState
  /// Layers that Megatron-FSDP has gathered at a time.
  package let gathered: Double
  /// What the allocator and libraries take beside what they are asked for.
  package let blocks: Double
  /// Of all micro-batches in flight, at the worst moment.
  package let activations: Double
  /// The most that the backward pass has on top at a time: logits with the gradient of the head, or what one layer
  /// computes again with the gradients of its activations.
  package let working: Double
  /// Activations that wait in host memory.
  package let offloadedActivations: Double
  /// What of the last step is still there when the next one begins, and gone before its peak.
  package let leftBetweenSteps: Double

  /// With adapters.
  package var parameters: Int { placement.total + adapterParameters }
  package var trainedParameters: Int { isFrozen ? adapterParameters : placement.total }
  /// Allocated between two steps.
  package var betweenSteps: Double { state.total + blocks + leftBetweenSteps + state.gradientCopies }
  /// The most that is allocated during a step: in the backward pass, or while the optimizer steps.
  package var total: Double {
    state.total + gathered + blocks + max(activations + working, state.gradientCopies)
  }
  /// In host memory.
  package var host: Double { state.host + offloadedActivations }
}
