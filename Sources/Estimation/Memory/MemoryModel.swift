package import LaunchModel
package import Topology

/// The parts that a rank's memory is the sum of. Each depends on few of the parallel sizes, so that a search over all
/// of them computes each part once.
package struct MemoryModel: Sendable {
  package var settings: MemorySettings
  private let shape: Architecture
  private let parts: LayerParameters
  private let kinds: LayerKinds
  private let adapters: AdapterParameters
  private let kept: KeptActivations
  private let vocabSize: Int
  private let stages: StageMap
  /// By pipeline rank.
  let contents: [ChunkContents]

  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(
    _ config: borrowing LaunchConfig, _ shape: Architecture, vocabSize: Int, stages: StageMap, assumptions: Assumptions,
    adapterSelection: [AdapterMatch]? = nil
  ) {
    guard let parts = LayerParameters(shape, vocabSize: vocabSize) else { return nil }
    let kinds = LayerKinds(shape)
    self.init(
      MemorySettings(config), shape, parts, kinds,
      AdapterParameters(config, shape, vocabSize: vocabSize, selection: adapterSelection),
      KeptActivations(config, shape, assumptions: assumptions, adapters: adapterSelection), vocabSize: vocabSize,
      stages: stages, contents: kinds.contents(of: stages))
  }

  /// From parts that many layouts share.
  ///
  /// - Parameter contents: of the stages, by pipeline rank.
  package init(
    _ settings: MemorySettings, _ shape: Architecture, _ parts: LayerParameters, _ kinds: LayerKinds,
    _ adapters: AdapterParameters, _ kept: KeptActivations, vocabSize: Int, stages: StageMap,
    contents: [ChunkContents]
  ) {
    self.settings = settings
    self.shape = shape
    self.parts = parts
    self.kinds = kinds
    self.adapters = adapters
    self.kept = kept
    self.vocabSize = vocabSize
    self.stages = stages
    self.contents = contents
  }

  /// The model's parameters on one rank; adapters are not among them.
  package func placement(_ rank: Int) -> RankParameters {
    RankParameters(
      parts, numExperts: shape.numMoEExperts, contents[rank], endsInMoE: kinds.endsInMoE, tensor: settings.tensor,
      expert: settings.expert, expertTensor: settings.expertTensor, pipeline: stages.pipeline)
  }

  // MARK: Model state

  /// Everything but routed experts and adapters. Depends on TP, CP, PP and the replicas.
  package func denseState(_ held: RankParameters, dataParallel: Int) -> ModelState {
    // Optimizer states are spread over context-parallel ranks as well.
    let replicas = dataParallel * settings.context
    return settings.state(held.denseMatrices, settings.matrix, replicas: replicas)
      + settings.state(held.dense - held.denseMatrices, settings.other, replicas: replicas)
  }

  /// Routed experts of one MoE layer. Depends on EP, ETP and the expert replicas.
  package func experts(expertDataParallel: Int) -> ExpertMemory {
    ExpertMemory(
      settings, shape, parts, expert: settings.expert, expertTensor: settings.expertTensor,
      replicas: expertDataParallel)
  }

  /// MoE layers of a rank, those of MTP among them.
  package func moeLayers(_ rank: Int) -> Int {
    contents[rank].moeLayers + (kinds.endsInMoE ? contents[rank].mtpLayers : 0)
  }

  /// What Megatron-FSDP has gathered at a time beside routed experts: layers, and embedding and head, which are no part
  /// of one. Depends on TP and PP.
  package func denseGathered(_ rank: Int) -> Double {
    guard settings.other.sharding > .optimizer else { return 0 }
    let mlp = contents[rank].moeLayers > 0 ? parts.sharedExperts + parts.router : parts.denseMLP
    let layer = (parts.attention + parts.norms + mlp) / settings.tensor
    let tables = (contents[rank].hasEmbedding ? parts.embedding : 0) + (contents[rank].hasHead ? parts.head : 0)
    let ofTables = settings.other.sharding == .everything ? settings.other.weights : 0
    return Double(GatheredLayers.count) * settings.matrix.gathered(layer, isFrozen: settings.isFrozen)
      + Double(tables / settings.tensor) * ofTables
  }

  /// Trained adapters; they come with any frozen model.
  package func adapterParameters(_ rank: Int) -> RankAdapterParameters {
    adapters.onRank(stages.chunks(pp: rank), settings)
  }

  /// Weights, gradients and optimizer of the adapters.
  package func adapterState(
    _ held: RankAdapterParameters, dataParallel: Int, expertDataParallel: Int
  ) -> ModelState {
    guard settings.isFrozen else { return .zero }
    return settings.matrix.state(held.dense, replicas: dataParallel * settings.context)
      + settings.matrix.state(held.experts, replicas: expertDataParallel)
  }

  // MARK: Activations

  /// Activations kept of all micro-batches in flight at the worst moment. Depends on TP, CP, PP, VP, the micro batch and
  /// recomputation.
  package func activations(_ rank: Int, numMicrobatches: Int) -> Double {
    var sum = 0.0
    var count = 0.0
    for index in stride(from: rank, to: stages.stages.count, by: stages.pipeline) {
      sum += activations(of: stages.stages[index])
      count += 1
    }
    // The mean of a device's chunks serves.
    return sum / max(count, 1) * chunksInFlight(rank, numMicrobatches)
  }

  /// Activations that one chunk keeps of one micro-batch for the backward pass. The logits are not among them.
  package func activations(of chunk: PipelineStage) -> Double {
    settings.tokens
      * kept.bytes(of: chunk, tensorParallel: settings.tensor, sequenceParallel: settings.sequenceParallel)
  }

  /// Activations in host memory, as ``activations(_:numMicrobatches:)`` counts those on the GPU.
  package func offloadedActivations(_ rank: Int, numMicrobatches: Int) -> Double {
    guard kept.offloads else { return 0 }
    let chunks = stages.chunks(pp: rank)
    let bytes = chunks.reduce(0) {
      $0
        + kept.offloadedBytes(
          of: $1, tensorParallel: settings.tensor, sequenceParallel: settings.sequenceParallel)
    }
    return settings.tokens * bytes / Double(max(chunks.count, 1)) * chunksInFlight(rank, numMicrobatches)
  }

  /// What the backward pass of a layer has on top at a time; unfused gradients of experts come to it.
  package var layerWorking: Double {
    settings.tokens * kept.working(tensorParallel: settings.tensor, sequenceParallel: settings.sequenceParallel)
  }

  /// What of a step is left when the next one begins.
  package func leftBetweenSteps(_ rank: Int) -> Double {
    Double(moeLayers(rank)) * settings.tokens
      * kept.leftOfMoELayer(tensorParallel: settings.tensor, sequenceParallel: settings.sequenceParallel)
  }

  /// Chunks whose activations a rank holds at once: warm-up plus one.
  private func chunksInFlight(_ rank: Int, _ numMicrobatches: Int) -> Double {
    let pipeline = stages.pipeline
    let microbatches = max(numMicrobatches, 1)
    guard let chunks = stages.virtualPipeline else { return Double(min(microbatches, pipeline - rank)) }
    let group = settings.microbatchGroupSize ?? pipeline
    let warmUp = 2 * Double(pipeline - rank - 1) + Double(chunks - 1) * Double(group)
    return min(Double(microbatches) * Double(chunks), warmUp + 1)
  }

  /// Logits of one micro-batch on the stage with the head, and of each MTP layer where they stand.
  package func logits(_ rank: Int) -> Double {
    let heads = (contents[rank].hasHead ? 1 : 0) + contents[rank].mtpLayers
    guard heads > 0 else { return 0 }
    return Double(heads) * settings.tokens * Double(vocabSize) / Double(settings.tensor) * settings.bytesPerLogit
  }

  /// What the backward pass of the head has on top: logits, and the gradient of the head's weights where it is not added
  /// up in place.
  package func headWorking(_ rank: Int) -> Double {
    let logits = logits(rank)
    guard logits > 0, !settings.fusesWeightGradients, !settings.isFrozen else { return logits }
    return logits + Double(parts.embedding) / Double(settings.tensor) * settings.other.weights
  }
}
