package import LaunchModel

/// Floating-point operations of a step, as Megatron-LM's `num_floating_point_operations` counts them for the same
/// config: no router, no norms, no recomputation, no embedding lookup; the frozen weights of adapters are charged in
/// full.
package struct StepFLOPs: Hashable, Sendable {
  package let perToken: Double
  /// Of one step over the global batch.
  package let perStep: Double
  package let tokensPerStep: Double

  package init(_ shape: Architecture, sequenceLength: Int, globalBatchSize: Int) {
    let parts = TrainingFLOPs(shape, sequenceLength: sequenceLength)
    // Each MTP layer is a decoder layer like the last one, a projection, and the head once more.
    let mtpLayer =
      (shape.moeLayers?.last ?? false ? parts.moeLayer : parts.denseLayer) + parts.mtpProjection + parts.head
    perToken =
      Double(shape.numDenseLayers) * parts.denseLayer + Double(shape.numMoELayers) * parts.moeLayer + parts.head
      + Double(shape.mtpNumLayers) * mtpLayer
    tokensPerStep = Double(globalBatchSize) * Double(sequenceLength)
    perStep = perToken * tokensPerStep
  }
}
