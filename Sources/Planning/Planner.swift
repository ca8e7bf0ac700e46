import Diagnostics
import Estimation
import LaunchModel
import Topology
import Validation

/// Searches every legal layout of a run on so many GPUs.
///
/// Megatron's rules speak of few sizes at a time: heads of TP; experts of EP; GPUs of TP, CP and PP, or of ETP, EP and PP;
/// batches of the dense side alone. So each side is enumerated and checked by the real rules by itself, and the two are
/// joined where their pipelines agree; every row that is returned has passed all rules as a whole once more.
package struct Planner {
  private let request: PlanRequest
  private let shape: Architecture
  private let vocabSize: Int
  private let times: StepTimeModel
  private var rejections: [DiagnosticCode: PlanRejection] = [:]
  private var considered = 0

  /// `nil` where the model's sizes are undefined: validate the base first.
  package init?(_ request: PlanRequest) {
    let shape = Architecture(request.base)
    let vocabSize = request.base.model.vocabSize ?? request.base.tokenizer.vocabSize ?? 0
    guard request.worldSize > 0, shape.moeLayers != nil,
      let times = StepTimeModel(request, shape, vocabSize: vocabSize)
    else { return nil }
    self.request = request
    self.shape = shape
    self.vocabSize = vocabSize
    self.times = times
  }

  /// - Parameter limit: rows to return.
  package mutating func search(limit: Int) -> PlanResult {
    let denseSides = enumerateDense()
    let expertSides = enumerateExperts(pipelines: Set(denseSides.map(\.choice.pipeline)))
    var legal = 0
    var fitting: [Ranked] = []
    for dense in denseSides {
      for expert in expertSides[dense.choice.pipeline] ?? [] {
        legal += 1
        let ranked = join(dense, expert)
        if ranked.memory <= request.gpuMemoryGiB * gibibyte { fitting.append(ranked) } else {
          reject("MEM-01", ranked.choice)
        }
      }
    }
    fitting.sort { ($0.time.total, $0.order) < ($1.time.total, $1.order) }
    let own = PlanChoice(request.base)
    let base = fitting.firstIndex { $0.choice == own }.flatMap { row(fitting[$0], rank: $0 + 1) }
    let rows = firstLegal(fitting, limit)
    return PlanResult(
      rows: rows, base: base, considered: considered, legal: legal, fitting: fitting.count,
      rejections: rejections.values.sorted { ($1.count, $0.code.rawValue) < ($0.count, $1.code.rawValue) })
  }

  // MARK: The dense side

  private struct DenseSide {
    let choice: PlanChoice
    let dataParallel: Int
    let numMicrobatches: Int
    let cost: DenseCost
    /// Bytes by pipeline rank, without routed experts.
    let memory: [Double]
    /// By pipeline rank.
    let moeLayers: [Int]
    let layout: String?
  }

  private mutating func enumerateDense() -> [DenseSide] {
    let sizes = divisors(of: request.worldSize)
    let tensors = sizes.filter { isLegal(probe(PlanChoice(tensor: $0)), PlanChoice(tensor: $0)) }
    let contexts = sizes.filter { isLegal(probe(PlanChoice(context: $0)), PlanChoice(context: $0)) }
    let pipelines = sizes.filter { $0 <= shape.numLayers }
    var result: [DenseSide] = []
    for pipeline in pipelines {
      let most = pipeline == 1 ? 1 : shape.numLayers / pipeline
      for chunks in [nil] + (most >= 2 ? (2...most).map(Optional.some) : []) {
        guard let stages = stages(pipeline: pipeline, chunks: chunks) else { continue }
        for tensor in tensors where request.worldSize % (tensor * pipeline) == 0 {
          for context in contexts where request.worldSize % (tensor * pipeline * context) == 0 {
            for micro in request.microBatchSizes {
              let choice = PlanChoice(
                tensor: tensor, pipeline: pipeline, virtualPipeline: chunks, context: context, microBatchSize: micro)
              result += denseSides(choice, stages)
            }
          }
        }
      }
    }
    return result
  }

  /// A layout with what it needs to be priced.
  private struct Stages {
    let map: StageMap
    /// FLOPs a token of the busiest pipeline rank.
    let busiest: Double
    let mostLayers: Double
    /// By pipeline rank.
    let moeLayers: [Int]
    /// Megatron's string; `nil` without a pipeline.
    let layout: String?
  }

  private func stages(pipeline: Int, chunks: Int?) -> Stages? {
    let parts = times.parts
    let unit = shape.numMoELayers > 0 ? parts.moeLayer + parts.router : parts.denseLayer
    var config = request.base
    config.parallelism.pipelineModelParallelSize = pipeline
    config.parallelism.virtualPipelineModelParallelSize = chunks
    let balanced = try? config.balancedLayout()
    guard let map = balanced?.map ?? (pipeline == 1 ? try? StageMap(numLayers: shape.numLayers, pipeline: 1) : nil),
      let weights = config.stageWeights
    else { return nil }
    let busiest = balanced?.load.maximum ?? weights.layers.reduce(weights.loss, +)
    let layers = (0..<pipeline).map { rank in map.chunks(pp: rank).flatMap(\.layers) }
    return Stages(
      map: map, busiest: busiest * unit, mostLayers: Double(layers.map(\.count).max() ?? 0),
      moeLayers: layers.map { $0.count { shape.moeLayers?[$0] ?? false } },
      layout: pipeline > 1 ? map.layout.megatronString : nil)
  }

  private mutating func denseSides(_ choice: PlanChoice, _ stages: Stages) -> [DenseSide] {
    let config = layoutConfig(choice, stages)
    guard isLegal(config, choice) else { return [] }
    let run = RunFacts(config)
    guard let replicas = run.dataParallelSize, let batches = run.numMicrobatches else { return [] }
    return RecomputeChoice.allCases.compactMap { recompute in
      var choice = choice
      choice.recompute = recompute
      var config = config
      recompute.apply(to: &config)
      guard
        let memory = MemoryModel(
          config, shape, vocabSize: vocabSize, stages: stages.map, assumptions: request.assumptions)
      else { return nil }
      let bytes = (0..<choice.pipeline).map { rank in
        memory.denseState(rank, dataParallel: replicas).total
          + memory.activations(rank, numMicrobatches: batches) + memory.logits(rank)
      }
      let parameterBytes = ParameterBytes(config, isMuonMatrix: true)
      let dense = (0..<choice.pipeline).map { memory.denseState($0, dataParallel: replicas).weights }.max() ?? 0
      let cost = times.dense(
        choice, busiest: stages.busiest, layers: stages.mostLayers, densePerRank: dense / parameterBytes.weights,
        bytesPerParameter: parameterBytes.gradients + parameterBytes.weights, dataParallel: replicas,
        numMicrobatches: batches)
      return DenseSide(
        choice: choice, dataParallel: replicas, numMicrobatches: batches, cost: cost, memory: bytes,
        moeLayers: stages.moeLayers, layout: stages.layout)
    }
  }

  /// A dense choice as a config whose expert side breaks no rule by itself.
  private func layoutConfig(_ choice: PlanChoice, _ stages: Stages) -> LaunchConfig {
    var choice = choice
    choice.expert = neutralExpert(pipeline: choice.pipeline)
    var config = neutral(choice.config(request))
    config.parallelism.pipelineModelParallelLayout = stages.layout.map { .text($0) } ?? .none
    return config
  }

  // MARK: The expert side

  private struct ExpertSide {
    let expert: Int
    let expertTensor: Int
    let replicas: Int
  }

  private mutating func enumerateExperts(pipelines: Set<Int>) -> [Int: [ExpertSide]] {
    let sizes = shape.numMoEExperts > 0 ? divisors(of: request.worldSize) : [1]
    var result: [Int: [ExpertSide]] = [:]
    for pipeline in pipelines.sorted() {
      for expert in sizes {
        for expertTensor in sizes {
          let choice = PlanChoice(pipeline: pipeline, expert: expert, expertTensor: expertTensor)
          guard isLegal(probe(choice), choice) else { continue }
          result[pipeline, default: []].append(
            ExpertSide(
              expert: expert, expertTensor: expertTensor,
              replicas: request.worldSize / (pipeline * expert * expertTensor)))
        }
      }
    }
    return result
  }

  // MARK: Joining

  private struct Ranked {
    let choice: PlanChoice
    let dense: DenseSide
    let replicas: Int
    let time: StepTime
    let memory: Double
    /// Ties go to the simpler layout.
    let order: Int
  }

  private func join(_ dense: DenseSide, _ expert: ExpertSide) -> Ranked {
    var choice = dense.choice
    choice.expert = expert.expert
    choice.expertTensor = expert.expertTensor
    let bytes = ParameterBytes(request.base, isMuonMatrix: true)
    let perLayer =
      Double(shape.numMoEExperts) * Double(times.parameters.routedExpert) / Double(expert.expert * expert.expertTensor)
    let perParameter = bytes.perRank(replicas: expert.replicas)
    var worst = 0.0
    for (rank, memory) in dense.memory.enumerated() {
      let state = request.base.peft.isPresent ? bytes.weights : perParameter
      worst = max(worst, memory + perLayer * Double(dense.moeLayers[rank]) * state)
    }
    var time = dense.cost.time
    time.expertTraffic = times.expertTraffic(dense.cost, expert: expert.expert, expertTensor: expert.expertTensor)
    let reduction =
      dense.cost.gradients
      + times.expertGradients(
        perLayer * Double(dense.moeLayers.max() ?? 0), bytesPerParameter: bytes.gradients + bytes.weights,
        replicas: expert.replicas, expertRanks: expert.expert * expert.expertTensor)
    time.gradientTraffic = request.base.peft.isPresent ? 0 : max(0, reduction - dense.cost.hiding)
    return Ranked(
      choice: choice, dense: dense, replicas: expert.replicas, time: time,
      memory: worst + request.assumptions.reservedGiB * gibibyte,
      order: choice.tensor + choice.pipeline + choice.context + choice.expertTensor)
  }

  /// The fastest rows that pass every rule as a whole, renumbered.
  private mutating func firstLegal(_ ranked: [Ranked], _ limit: Int) -> [PlanRow] {
    var rows: [PlanRow] = []
    for candidate in ranked {
      guard rows.count < limit else { break }
      if let row = row(candidate, rank: rows.count + 1) { rows.append(row) }
    }
    return rows
  }

  /// A candidate as a whole config; `nil` where that breaks a rule.
  private mutating func row(_ candidate: Ranked, rank: Int) -> PlanRow? {
    var config = candidate.choice.config(request)
    config.parallelism.pipelineModelParallelLayout = candidate.dense.layout.map { .text($0) } ?? .none
    guard isLegal(config, candidate.choice) else { return nil }
    let tokens = Double(request.base.train.globalBatchSize ?? 0) * Double(request.base.model.seqLength)
    return PlanRow(
      choice: candidate.choice, config: config, dataParallel: candidate.dense.dataParallel,
      expertDataParallel: candidate.replicas, numMicrobatches: candidate.dense.numMicrobatches,
      layout: candidate.dense.layout, time: candidate.time, memoryGiB: candidate.memory / gibibyte,
      tokensPerSecondPerGPU: tokens / candidate.time.total / Double(request.worldSize), rank: rank)
  }

  // MARK: The rules

  /// Whether a config breaks no rule; the first one it breaks is noted.
  private mutating func isLegal(_ config: LaunchConfig, _ choice: PlanChoice) -> Bool {
    considered += 1
    guard let error = Validator.findings(RunFacts(config)).first(where: { $0.severity == .error }) else { return true }
    reject(error.code, choice)
    return false
  }

  /// One side by itself: the batch always divides, and what ties both sides together is left for the whole row.
  private func probe(_ choice: PlanChoice) -> LaunchConfig {
    var choice = choice
    if choice.expert == 1, choice.expertTensor == 1, choice.tensor > 1 || choice.context > 1 {
      choice.expert = neutralExpert(pipeline: choice.pipeline)
    }
    var config = neutral(choice.config(request))
    config.train.globalBatchSize = request.worldSize * max(choice.pipeline, 1)
    config.train.rampupBatchSize = nil
    let balanced = (try? config.balancedLayout()).flatMap { $0 }
    config.parallelism.pipelineModelParallelLayout = balanced.map { .text($0.layout.megatronString) } ?? .none
    return config
  }

  private func neutral(_ config: LaunchConfig) -> LaunchConfig {
    var config = config
    config.dist.useTPPPDPMapping = false
    config.ddp.numDistributedOptimizerInstances = 1
    return config
  }

  /// An expert size that no rule refuses for its own sake: some dispatchers want more than one rank.
  private func neutralExpert(pipeline: Int) -> Int {
    let ranks = request.worldSize / max(pipeline, 1)
    return divisors(of: max(ranks, 1)).first { $0 > 1 && shape.numMoEExperts % $0 == 0 } ?? 1
  }

  private mutating func reject(_ code: DiagnosticCode, _ choice: PlanChoice) {
    rejections[code, default: PlanRejection(code: code, count: 0, example: choice.description)].count += 1
  }

  private func divisors(of number: Int) -> [Int] {
    guard number > 0 else { return [] }
    var small: [Int] = []
    var large: [Int] = []
    var candidate = 1
    while candidate <= number / candidate {
      if number % candidate == 0 {
        small.append(candidate)
        if candidate != number / candidate { large.append(number / candidate) }
      }
      candidate += 1
    }
    return small + large.reversed()
  }
}
