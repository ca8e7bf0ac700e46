package import Topology

extension LaunchConfig {
  /// Costs of the model's parts for pipeline balancing, in units of one MoE layer (of one dense layer, where there is
  /// no MoE), from the operations they take at this sequence length.
  package var stageWeights: StageWeights? { stageWeights(of: Architecture(self)) }

  /// The same where the model's shape is known already.
  package func stageWeights(of shape: Architecture) -> StageWeights? {
    guard let moeLayers = shape.moeLayers else { return nil }
    let operations = TrainingFLOPs(shape, sequenceLength: model.seqLength)
    let moe = operations.moeLayer + operations.router
    let unit = moeLayers.contains(true) ? moe : operations.denseLayer
    guard unit > 0 else { return nil }
    let layers = moeLayers.map { ($0 ? moe : operations.denseLayer) / unit }
    // An MTP layer is built like the last decoder layer, and runs the head once more.
    let mtp = (layers.last ?? 1) + (operations.mtpProjection + operations.head) / unit
    return StageWeights(layers: layers, embedding: 0, loss: operations.head / unit, mtp: mtp)
  }

  /// The cost-balanced layout; `nil` without a pipeline, or where the model's layers are undefined.
  ///
  /// - Parameter allowEmptyStages: lets a stage hold no decoder layer, such as one for the head alone. Where there are
  ///   more stages than layers it cannot be helped.
  /// - Throws: for sizes that no layout fits.
  package func balancedLayout(
    allowEmptyStages: Bool = false, weights: StageWeights? = nil
  ) throws(BalanceError) -> BalancedLayout? {
    let pipeline = parallelism.pipelineModelParallelSize
    let chunks = parallelism.virtualPipelineModelParallelSize
    guard pipeline > 1, let weights = weights ?? stageWeights else { return nil }
    let isCrowded = pipeline * (chunks ?? 1) > model.numLayers
    return try BalancedLayout(
      weights: weights, mtpNumLayers: model.mtpNumLayers ?? 0, pipeline: pipeline, virtualPipeline: chunks,
      allowEmptyStages: allowEmptyStages || isCrowded)
  }

  /// Replaces `auto` by the layout it stands for.
  mutating func resolveAutomaticLayout() {
    guard parallelism.pipelineModelParallelLayout == .automatic else { return }
    let sources = [
      Path.parallelism.pipelineModelParallelSize, Path.parallelism.virtualPipelineModelParallelSize,
      Path.model.numLayers,
    ]
    if parallelism.pipelineModelParallelSize == 1 {
      parallelism.set(
        \.pipelineModelParallelLayout, to: .none,
        .derived(reason: "no pipeline", from: [Path.parallelism.pipelineModelParallelSize]))
    } else if let balanced = try? balancedLayout() {
      parallelism.set(
        \.pipelineModelParallelLayout, to: .text(balanced.layout.megatronString),
        .derived(reason: "balanced by cost", from: sources))
    }
  }
}
