package import Estimation
import LaunchModel
package import Topology

extension RunFacts {
  /// Parameters, memory, operations and time; `nil` where the stages, the replicas or the length of the run are
  /// undefined.
  package func estimate(_ assumptions: Assumptions? = nil) -> Estimate? {
    guard let stages, let dataParallelSize, let expertDataParallelSize, let numMicrobatches, let paddedVocabSize,
      architecture.moeLayers != nil, let steps = config.train.trainSteps
    else { return nil }
    return Estimate(
      config, vocabSize: paddedVocabSize, stages: stages, worldSize: worldSize, dataParallel: dataParallelSize,
      expertDataParallel: expertDataParallelSize, numMicrobatches: numMicrobatches, steps: steps,
      assumptions: assumptions ?? config.assumptions, adapterSelection: adapterSelection)
  }

  /// The step with other stages or another number of micro-batches than the config's own; `nil` where the replicas are
  /// undefined.
  package func pricedStep(of stages: StageMap, numMicrobatches: Int, _ assumptions: Assumptions) -> PricedStep? {
    guard let dataParallelSize, let expertDataParallelSize, let paddedVocabSize, architecture.moeLayers != nil
    else { return nil }
    return PricedStep(
      config, architecture, vocabSize: paddedVocabSize, stages: stages, worldSize: worldSize,
      dataParallel: dataParallelSize, expertDataParallel: expertDataParallelSize, numMicrobatches: numMicrobatches,
      assumptions: assumptions, adapterSelection: adapterSelection)
  }
}

extension LaunchConfig {
  /// What is taken for granted of the GPUs that the config asks for.
  package var assumptions: Assumptions { Assumptions(gpu: cluster.gpuType.flatMap { GPUKind(name: $0) }) }
}
