package import LaunchModel
package import Topology

/// Everything that can be known of a run before it is queued.
package struct Estimate: Sendable {
  package let parameters: ParameterCount
  /// Parameters of LoRA or DoRA, of all ranks together; `nil` without adapters.
  package let adapters: Int?
  package let memory: MemoryEstimate
  package let megatronMemory: MegatronMemoryReport
  package let step: StepFLOPs
  package let time: StepTime
  package let timing: Timing
  package let assumptions: Assumptions

  /// Time and money: an estimate, never a measurement.
  package struct Timing: Hashable, Sendable {
    package let secondsPerStep: Double
    /// Share of the peak that Megatron's count of operations reaches.
    package let modelFLOPsUtilization: Double
    package let tokensPerSecondPerGPU: Double
    package let gpuHours: Double
    package let days: Double
  }

  /// - Parameters:
  ///   - vocabSize: rows of the embedding, padded.
  ///   - stages: who holds which layer.
  ///   - steps: of the run.
  ///
  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(
    _ config: LaunchConfig, vocabSize: Int, stages: StageMap, worldSize: Int, dataParallel: Int,
    expertDataParallel: Int, numMicrobatches: Int, steps: Int, assumptions: Assumptions = Assumptions(),
    adapterSelection: [AdapterMatch]? = nil
  ) {
    let shape = Architecture(config)
    guard let parameters = ParameterCount(shape, vocabSize: vocabSize),
      let memory = MemoryEstimate(
        config, shape, vocabSize: vocabSize, stages: stages, dataParallel: dataParallel,
        expertDataParallel: expertDataParallel, numMicrobatches: numMicrobatches, assumptions: assumptions,
        adapterSelection: adapterSelection),
      let priced = PricedStep(
        config, shape, vocabSize: vocabSize, stages: stages, worldSize: worldSize, dataParallel: dataParallel,
        expertDataParallel: expertDataParallel, numMicrobatches: numMicrobatches, assumptions: assumptions,
        adapterSelection: adapterSelection),
      let megatronMemory = MegatronMemoryReport(
        config, shape, vocabSize: vocabSize, virtualPipeline: stages.virtualPipeline, dataParallel: dataParallel,
        expertDataParallel: expertDataParallel, numMicrobatches: numMicrobatches)
    else { return nil }
    self.parameters = parameters
    adapters =
      config.peft.isPresent
      ? AdapterParameters(config, shape, vocabSize: vocabSize, selection: adapterSelection)
        .total(expertParallel: config.parallelism.expertModelParallelSize) : nil
    self.memory = memory
    self.megatronMemory = megatronMemory
    self.assumptions = assumptions
    time = priced.time
    step = StepFLOPs(
      shape, sequenceLength: config.model.seqLength, globalBatchSize: config.train.globalBatchSize ?? 1)
    let seconds = time.total
    let gpus = Double(max(worldSize, 1))
    timing = Timing(
      secondsPerStep: seconds, modelFLOPsUtilization: step.perStep / (seconds * gpus * assumptions.peakFLOPs),
      tokensPerSecondPerGPU: step.tokensPerStep / seconds / gpus,
      gpuHours: seconds * Double(steps) * Double(worldSize) / 3600, days: seconds * Double(steps) / 86_400)
  }
}
