package import LaunchModel
package import Topology

/// The memory of every pipeline stage, placement by placement.
package struct MemoryEstimate: Hashable, Sendable {
  /// By pipeline rank.
  package let ranks: [RankMemory]
  package let assumptions: Assumptions

  /// The rank that needs most.
  package var worst: RankMemory? { ranks.max { $0.total < $1.total } }

  /// Bytes the worst rank needs, with what the system takes beside it.
  package var worstTotal: Double { (worst?.total ?? 0) + assumptions.reservedGiB * gibibyte }

  /// - Parameters:
  ///   - stages: who holds which layer.
  ///   - dataParallel, expertDataParallel: replicas of dense layers and of experts.
  ///   - numMicrobatches: of a step.
  ///   - adapterSelection: what the config's targets put adapters on, where that is known.
  ///
  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(
    _ config: borrowing LaunchConfig, _ shape: Architecture, vocabSize: Int, stages: StageMap, dataParallel: Int,
    expertDataParallel: Int, numMicrobatches: Int, assumptions: Assumptions = Assumptions(),
    adapterSelection: [AdapterMatch]? = nil
  ) {
    guard
      let model = MemoryModel(
        config, shape, vocabSize: vocabSize, stages: stages, assumptions: assumptions,
        adapterSelection: adapterSelection)
    else { return nil }
    self.assumptions = assumptions
    let experts = model.experts(expertDataParallel: expertDataParallel)
    ranks = (0..<stages.pipeline).map { rank in
      let held = model.placement(rank)
      let adapters = model.adapterParameters(rank)
      let moeLayers = model.moeLayers(rank)
      return RankMemory(
        pipelineRank: rank, layers: model.contents[rank].decoderLayers, placement: held,
        adapterParameters: adapters.total, isFrozen: model.settings.isFrozen,
        state: model.denseState(held, dataParallel: dataParallel) + moeLayers * experts.state
          + model.adapterState(adapters, dataParallel: dataParallel, expertDataParallel: expertDataParallel),
        gathered: model.denseGathered(rank) + (moeLayers > 0 ? experts.gathered : 0),
        blocks: AllocatedBlocks.workspaces + Double(moeLayers) * experts.blocks,
        activations: model.activations(rank, numMicrobatches: numMicrobatches),
        working: max(model.headWorking(rank), model.layerWorking + (moeLayers > 0 ? experts.weightGradients : 0)),
        offloadedActivations: model.offloadedActivations(rank, numMicrobatches: numMicrobatches),
        leftBetweenSteps: model.leftBetweenSteps(rank))
    }
  }
}

/// Bytes in a GiB.
package let gibibyte = 1_073_741_824.0
