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
  /// Bytes of one logit: bf16 with an fp32 softmax; Transformer Engine's fused loss needs the logits only, and writes
  /// their gradient over them.
  package let bytesPerLogit: Double
  /// Gradients of weights are added up where they are kept, without a copy of their own.
  package let fusesWeightGradients: Bool
  /// Groups of replicas that each hold a whole optimizer.
  package let optimizerInstances: Int

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
    fusesWeightGradients = config.model.gradientAccumulationFusion
    optimizerInstances = max(config.ddp.numDistributedOptimizerInstances, 1)
  }

  /// Tokens of one micro-batch on one rank.
  package var tokens: Double { Double(microBatchSize) * Double(sequenceLength) / Double(context) }

  /// So many of the model's own parameters on one of so many replicas; frozen ones are weights alone.
  package func state(_ count: Int, _ bytes: ParameterBytes, replicas: Int) -> ModelState {
    isFrozen ? bytes.frozenState(count, replicas: replicas) : bytes.state(count, replicas: sharers(replicas))
  }

  /// Replicas that share one optimizer.
  func sharers(_ replicas: Int) -> Int { max(replicas / optimizerInstances, 1) }

  /// Bytes that the allocator loses by so many tensors of so many parameters each: weights that stand alone rather than
  /// in a buffer of the distributed optimizer, and the optimizer's tensors of them.
  func lost(_ parameters: Int, tensors: Int, replicas: Int) -> Double {
    let number = Double(tensors)
    let size = Double(parameters)
    if isFrozen || matrix.sharding == .nothing {
      let weights = number * AllocatedBlocks.lost(by: size * matrix.weights)
      return isFrozen ? weights : weights + number * lostByOptimizer(size)
    }
    return number / Double(sharers(replicas)) * lostByOptimizer(size)
  }

  private func lostByOptimizer(_ parameters: Double) -> Double {
    let states = matrix.numStates * AllocatedBlocks.lost(by: parameters * matrix.states / matrix.numStates)
    return (AllocatedBlocks.lost(by: parameters * matrix.master) + states) * (1 - matrix.offloadedShare)
  }
}
