package import LaunchModel
package import Topology

/// One config's step with what its time consists of: what an estimate, a plan and a simulation all ask.
package struct PricedStep: Sendable {
  private let dense: DenseTime
  private let experts: ExpertTime
  private let kinds: LayerKinds

  /// - Parameters:
  ///   - stages: who holds which layer.
  ///   - dataParallel, expertDataParallel: replicas of dense layers and of experts.
  ///   - numMicrobatches: of a step.
  ///   - adapterSelection: what the config's targets put adapters on, where that is known.
  ///
  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(
    _ config: borrowing LaunchConfig, _ shape: Architecture, vocabSize: Int, stages: StageMap, worldSize: Int,
    dataParallel: Int, expertDataParallel: Int, numMicrobatches: Int, assumptions: Assumptions,
    adapterSelection: [AdapterMatch]? = nil
  ) {
    let selection =
      adapterSelection ?? (config.peft.isPresent ? AdapterTargets(config, shape).selection(config.peft) : nil)
    guard
      let memory = MemoryModel(
        config, shape, vocabSize: vocabSize, stages: stages, assumptions: assumptions, adapterSelection: selection)
    else { return nil }
    kinds = LayerKinds(shape)
    let model = StepTimeModel(
      config, shape, kinds, worldSize: worldSize, gpusPerDomain: config.cluster.gpusPerNVLinkDomain,
      adapters: selection, assumptions: assumptions)
    let written = config.parallelSizes
    let sizes = ParallelSizes(
      tensor: max(written.tensor, 1), pipeline: max(written.pipeline, 1), virtualPipeline: stages.virtualPipeline,
      context: max(written.context, 1), expert: max(written.expert, 1), expertTensor: max(written.expertTensor, 1))
    dense = model.dense(
      sizes, microBatchSize: config.train.microBatchSize ?? 1, RecomputePlan(config), contents: memory.contents,
      states: (0..<stages.pipeline).map { memory.denseState(memory.placement($0), dataParallel: dataParallel) },
      dataParallel: dataParallel, numMicrobatches: numMicrobatches)
    let held = memory.experts(expertDataParallel: expertDataParallel)
    experts = model.experts(model.expertSide(sizes, held.state, replicas: expertDataParallel), beside: dense)
  }

  /// The step part by part.
  package var time: StepTime { dense.parts(experts) }

  /// Seconds of one micro-batch's passes through each chunk, and from one rank to the next.
  package func costs(of stages: StageMap) -> StageCosts {
    let passes = stages.stages.map { dense.passes(of: kinds.contents(of: $0), endsInMoE: kinds.endsInMoE, experts) }
    return StageCosts(
      forward: passes.map(\.forward), backward: passes.map(\.backward), pointToPoint: dense.send)
  }
}
