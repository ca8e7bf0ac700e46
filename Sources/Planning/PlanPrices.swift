import Estimation
import LaunchModel
import Topology
package import Validation

/// Prices choices in time and memory, from parts that many choices share.
final class PlanPrices: Sendable {
  private let assumptions: Assumptions
  private let batches: PlanRequest.Batches
  private let sequenceLength: Int
  private let shape: Architecture
  private let parts: LayerParameters
  private let adapters: AdapterParameters
  /// Of every setting that is searched.
  private let kept: [RecomputeChoice: KeptActivations]
  /// Of the base's own setting.
  private let keptByBase: KeptActivations
  private let vocabSize: Int
  private let settings: MemorySettings
  private let times: StepTimeModel
  let kinds: LayerKinds

  /// `nil` where the model's sizes are undefined.
  init?(_ request: PlanRequest) {
    let base = request.base
    let shape = Architecture(base)
    guard shape.moeLayers != nil, let vocabSize = RunFacts(base).paddedVocabSize,
      let parts = LayerParameters(shape, vocabSize: vocabSize)
    else { return nil }
    let kinds = LayerKinds(shape)
    assumptions = request.assumptions
    batches = request.batches
    sequenceLength = base.model.seqLength
    self.shape = shape
    self.parts = parts
    self.kinds = kinds
    self.vocabSize = vocabSize
    let selection = base.peft.isPresent ? AdapterTargets(base, shape).selection(base.peft) : nil
    adapters = AdapterParameters(base, shape, vocabSize: vocabSize, selection: selection)
    settings = MemorySettings(base)
    times = StepTimeModel(
      base, shape, kinds, worldSize: request.worldSize, gpusPerDomain: request.gpusPerDomain, adapters: selection,
      assumptions: request.assumptions)
    var kept: [RecomputeChoice: KeptActivations] = [:]
    for choice in RecomputeChoice.searched {
      var config = base
      choice.apply(to: &config)
      kept[choice] = KeptActivations(config, shape, assumptions: request.assumptions, adapters: selection)
    }
    self.kept = kept
    keptByBase = KeptActivations(base, shape, assumptions: request.assumptions, adapters: selection)
  }

  // MARK: The expert side

  /// A choice of the expert sizes for one pipeline, with what one MoE layer then costs.
  struct ExpertPair {
    let expert: Int
    let expertTensor: Int
    let replicas: Int
    /// Of one MoE layer on one rank.
    let memory: ExpertMemory
    /// Bytes of it.
    let perLayer: Double
    let time: StepTimeModel.ExpertSide
  }

  func pair(_ choice: PlanChoice) -> ExpertPair {
    let replicas = choice.sizes.expertDataParallel(of: batches.worldSize) ?? 1
    let memory = ExpertMemory(
      settings, shape, parts, expert: choice.expert, expertTensor: choice.expertTensor, replicas: replicas)
    return ExpertPair(
      expert: choice.expert, expertTensor: choice.expertTensor, replicas: replicas, memory: memory,
      perLayer: memory.state.total + memory.blocks,
      time: times.expertSide(choice.sizes, memory.state, replicas: replicas))
  }

  // MARK: The dense side

  /// Everything but routed experts of a choice.
  struct DenseSide {
    let time: DenseTime
    /// Bytes by pipeline rank that are there all through a step, adapters not among them.
    let memory: [Double]
    /// Bytes of activations by pipeline rank, and of the copies of gradients that stand there when these are gone.
    let activations: [Double]
    let gradientCopies: [Double]
    /// Bytes that the head's backward pass, by pipeline rank, and a layer's have on top.
    let headWorking: [Double]
    let layerWorking: Double
    let model: MemoryModel
    let dataParallel: Int
  }

  /// One choice of the dense sizes and virtual stages, for all micro batches and recomputation.
  struct Dense {
    private let prices: PlanPrices
    private let stages: PlannedStages
    private var settings: MemorySettings
    private let states: [ModelState]
    private let dataParallel: Int
    private var numMicrobatches = 0

    fileprivate init(_ prices: PlanPrices, _ choice: PlanChoice, _ stages: PlannedStages) {
      self.prices = prices
      self.stages = stages
      settings = prices.settings
      settings.set(choice)
      let replicas = prices.batches.replicas(choice)
      dataParallel = replicas
      let model = prices.model(settings, .none, stages)
      states = (0..<choice.pipeline).map { model.denseState(model.placement($0), dataParallel: replicas) }
    }

    /// - Returns: whether the choice's micro batch makes a whole number of micro-batches.
    mutating func setMicroBatch(of choice: PlanChoice) -> Bool {
      settings.microBatchSize = choice.microBatchSize
      numMicrobatches = prices.batches.numMicrobatches(choice) ?? 0
      return numMicrobatches > 0
    }

    func side(_ choice: PlanChoice) -> DenseSide {
      let model = prices.model(settings, choice.recompute, stages)
      return DenseSide(
        time: prices.times.dense(
          choice.sizes, microBatchSize: choice.microBatchSize, choice.recompute.plan, contents: stages.contents,
          states: states, dataParallel: dataParallel,
          numMicrobatches: numMicrobatches),
        memory: states.indices.map { rank in
          states[rank].total + AllocatedBlocks.workspaces + model.denseGathered(rank)
        }, activations: states.indices.map { model.activations($0, numMicrobatches: numMicrobatches) },
        gradientCopies: states.map(\.gradientCopies), headWorking: states.indices.map { model.headWorking($0) },
        layerWorking: model.layerWorking, model: model,
        dataParallel: dataParallel)
    }
  }

  func dense(_ choice: PlanChoice, _ stages: PlannedStages) -> Dense { Dense(self, choice, stages) }

  private func model(_ settings: MemorySettings, _ recompute: RecomputeChoice, _ stages: PlannedStages) -> MemoryModel {
    MemoryModel(
      settings, shape, parts, kinds, adapters, kept[recompute, default: keptByBase], vocabSize: vocabSize,
      stages: stages.map,
      contents: stages.contents)
  }

  // MARK: Both together

  /// Seconds a step.
  func time(_ dense: DenseSide, _ pair: ExpertPair) -> Double {
    dense.time.total(times.experts(pair.time, beside: dense.time))
  }

  /// Bytes of the worst rank, the system's part included.
  func memory(_ dense: DenseSide, _ pair: ExpertPair) -> Double {
    var worst = 0.0
    for rank in dense.memory.indices {
      let moeLayers = dense.time.moeLayers(rank)
      var total = dense.memory[rank] + moeLayers * pair.perLayer
      var layer = dense.layerWorking
      if moeLayers > 0 {
        total += pair.memory.gathered
        layer += pair.memory.weightGradients
      }
      total += max(
        dense.activations[rank] + max(dense.headWorking[rank], layer),
        dense.gradientCopies[rank] + moeLayers * pair.memory.state.gradientCopies)
      if settings.isFrozen { total += adapters(dense, pair, rank) }
      worst = max(worst, total)
    }
    return worst + assumptions.reservedGiB * gibibyte
  }

  /// Bytes of the adapters of one pipeline rank. By itself, so that the loop over millions stays small.
  @inline(never)
  private func adapters(_ dense: DenseSide, _ pair: ExpertPair, _ rank: Int) -> Double {
    var model = dense.model
    (model.settings.expert, model.settings.expertTensor) = (pair.expert, pair.expertTensor)
    return model.adapterState(
      model.adapterParameters(rank), dataParallel: dense.dataParallel, expertDataParallel: pair.replicas
    ).total
  }

  /// A config as it is, as a row without a rank; `nil` where its stages or micro-batches are undefined.
  func row(of run: RunFacts, memory: Double) -> PlanRow? {
    guard let map = run.stages else { return nil }
    let choice = PlanChoice(run.config, virtualPipeline: map.virtualPipeline)
    let stages = PlannedStages(map, kinds, layout: choice.pipeline > 1 ? map.layout.megatronString : nil)
    return row(choice, stages, run.config, memory: memory, rank: 0, numMicrobatches: run.numMicrobatches)
  }

  /// A choice as a row; `nil` where its micro-batches are undefined.
  func row(
    _ choice: PlanChoice, _ stages: PlannedStages, _ config: LaunchConfig, memory: Double, rank: Int,
    numMicrobatches: Int?
  ) -> PlanRow? {
    guard let numMicrobatches else { return nil }
    var dense = dense(choice, stages)
    guard dense.setMicroBatch(of: choice) else { return nil }
    let side = dense.side(choice)
    let pair = pair(choice)
    let time = side.time.parts(times.experts(pair.time, beside: side.time))
    let tokens = Double(batches.globalBatch) * Double(sequenceLength)
    return PlanRow(
      choice: choice, config: config, dataParallel: side.dataParallel, expertDataParallel: pair.replicas,
      numMicrobatches: numMicrobatches, layout: stages.layout, time: time, memoryGiB: memory / gibibyte,
      tokensPerSecondPerGPU: tokens / time.total / Double(batches.worldSize), rank: rank)
  }
}

extension StepTime {
  /// The step of one config by itself; `nil` where its stages or micro-batches are undefined.
  ///
  /// - Parameter request: the GPUs and assumptions.
  package init?(of run: RunFacts, _ request: PlanRequest) {
    guard let row = PlanPrices(request)?.row(of: run, memory: 0) else { return nil }
    self = row.time
  }
}

extension MemorySettings {
  /// The sizes of a choice's dense side.
  fileprivate mutating func set(_ choice: PlanChoice) {
    tensor = choice.tensor
    context = choice.context
    sequenceParallel = choice.tensor > 1
    microBatchSize = choice.microBatchSize
    microbatchGroupSize = nil
  }
}
