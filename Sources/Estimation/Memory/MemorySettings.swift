package import LaunchModel

/// What of a config, beside the model and its layers' places, decides how many bytes a rank needs.
package struct MemorySettings: Hashable, Sendable {
  package var tensor: Int
  package var context: Int
  package var expert: Int
  package var expertTensor: Int
  package var sequenceParallel: Bool
  package var microBatchSize: Int
  /// Micro-batches that a virtual stage runs in a row; `nil` is the pipeline size.
  package var microbatchGroupSize: Int?
  package let sequenceLength: Int
  /// Of a parameter that Muon would orthogonalise, and of any other.
  package let matrix: ParameterBytes
  package let other: ParameterBytes
  /// Adapters are trained, and everything else is frozen.
  package let isFrozen: Bool
  /// Bytes of one logit: bf16 with an fp32 softmax; Transformer Engine's fused loss needs the logits only.
  package let bytesPerLogit: Double

  package init(_ config: borrowing LaunchConfig) {
    let parallelism = config.parallelism
    let sizes = config.parallelSizes
    tensor = max(sizes.tensor, 1)
    context = max(sizes.context, 1)
    expert = max(sizes.expert, 1)
    expertTensor = max(sizes.expertTensor, 1)
    sequenceParallel = parallelism.sequenceParallel
    microBatchSize = config.train.microBatchSize ?? 1
    microbatchGroupSize = parallelism.microbatchGroupSizePerVPStage
    sequenceLength = config.model.seqLength
    matrix = ParameterBytes(config, isMuonMatrix: true)
    other = ParameterBytes(config, isMuonMatrix: false)
    isFrozen = config.peft.isPresent
    let isFused = config.model.crossEntropyLossFusion && config.model.crossEntropyFusionImplementation == .te
    bytesPerLogit = isFused ? 2 : 6
  }

  /// Tokens of one micro-batch on one rank.
  package var tokens: Double { Double(microBatchSize) * Double(sequenceLength) / Double(context) }

  /// So many of the model's own parameters on one of so many replicas; frozen ones are weights alone.
  package func state(_ count: Int, _ bytes: ParameterBytes, replicas: Int) -> ModelState {
    isFrozen
      ? ModelState(weights: Double(count) * bytes.weights, gradients: 0, optimizer: 0)
      : bytes.state(count, replicas: replicas)
  }
}
