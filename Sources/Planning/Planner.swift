import Diagnostics
import Estimation
import LaunchModel
import Topology
package import Validation

/// Searches every legal layout of a run on so many GPUs.
///
/// A choice is cut off as soon as the sizes known so far break a rule, and what a choice costs is a sum of parts that
/// few sizes enter each; so millions of choices take about a second. Legality is the rules' alone: ``LegalityFilter``
/// asks them, and every row that is returned has passed all of them as a whole once more.
package struct Planner {
  private let request: PlanRequest
  private let prices: PlanPrices
  private let limit: Int
  private var filter: LegalityFilter
  private var space: SearchSpace
  private var rejections: [DiagnosticCode: PlanRejection] = [:]
  private var legal = 0
  private var fitting = 0
  private var fastest: FastestCandidates
  private var least: Candidate?
  /// Seconds of the base's own layout; infinite where it has none.
  private var ownTime = Double.infinity
  private var fasterThanBase = 0
  /// Stages of the base's own layout; 0 where it is refused.
  private var ownPipeline = 0
  private var bestOfOwnPipeline: Candidate?
  /// What takes longer is of no use, and neither looked at nor counted.
  private var mostTime = Double.infinity
  /// Those of every pipeline that was searched: rows ask for them again.
  private var plannedStages: [PipelineSizes: PlannedStages] = [:]

  private struct PipelineSizes: Hashable {
    let pipeline: Int
    let virtualPipeline: Int?
  }

  /// Errors that no choice mends: every config of the search has them. Whether a search then makes sense is for the
  /// caller to say; it finds what breaks no other rule.
  package let baseErrors: [Finding]

  /// - Parameter limit: rows to return.
  ///
  /// `nil` where the model's sizes are undefined: validate the base first; and for more than ``PlanRequest/mostGPUs``.
  package init?(_ request: PlanRequest, limit: Int) {
    guard (1...PlanRequest.mostGPUs).contains(request.worldSize), let prices = PlanPrices(request) else { return nil }
    self.request = request
    self.prices = prices
    filter = LegalityFilter(request)
    baseErrors = filter.errorsOfBase()
    space = SearchSpace(
      request, numLayers: request.base.model.numLayers, hasExperts: request.base.model.numMoEExperts != nil)
    // A few more than asked for, should the last check refuse one.
    fastest = FastestCandidates(limit: limit + 16)
    self.limit = limit
  }

  /// The search over all layouts, for each place of weights and optimizer states that is asked for.
  package mutating func search() -> PlanResult {
    let base = priceOfBase()
    if case .row(let row, _) = base { (ownTime, ownPipeline) = (row.time.total, row.choice.pipeline) }
    var found = [searchLayouts()]
    for placement in request.placements {
      if let result = search(placement) { found.append(result) }
    }
    return merged(found, base: base)
  }

  /// The base's own layout, and the fastest of as many stages, where one takes at most so large a share of its time:
  /// ``PlanResult/bestOfOwnPipeline`` of a search, for a part of its work.
  package mutating func fasterOfOwnPipeline(share: Double) -> (own: PlanRow, best: PlanRow)? {
    guard case .row(let own, _) = priceOfBase() else { return nil }
    (ownTime, ownPipeline) = (own.time.total, own.choice.pipeline)
    // Whoever compares rows may round otherwise.
    mostTime = ownTime * share * (1 + 1e-9)
    narrow()
    if space.pipelines.contains(ownPipeline) { search(pipeline: ownPipeline) }
    return bestOfOwnPipeline.flatMap { row($0, rank: 1) }.map { (own, $0) }
  }

  /// What one search has found.
  private struct Found {
    let rows: [PlanRow]
    let bestOfOwnPipeline: PlanRow?
    let considered: Int
    let legal: Int
    let fitting: Int
    let fasterThanBase: Int
    let leastMemory: (choice: PlanChoice, memory: MemoryEstimate)?
    let rejections: [DiagnosticCode: PlanRejection]
  }

  private mutating func searchLayouts() -> Found {
    let considered = space.count
    narrow()
    for pipeline in space.pipelines { search(pipeline: pipeline) }
    let rows = rows()
    return Found(
      rows: rows, bestOfOwnPipeline: bestOfOwnPipeline.flatMap { row($0, rank: 1) }, considered: considered,
      legal: legal, fitting: fitting, fasterThanBase: fasterThanBase,
      leastMemory: least.flatMap { leastMemory($0.choice) }, rejections: rejections)
  }

  /// The same search with weights and states in another place; `nil` where the model's sizes are undefined.
  private func search(_ placement: StatePlacement) -> Found? {
    var other = request
    other.placements = []
    placement.apply(to: &other.base)
    guard var planner = Planner(other, limit: limit) else { return nil }
    let known = Set(baseErrors.map(\.code))
    if let error = planner.baseErrors.first(where: { !known.contains($0.code) }) {
      let count = planner.space.count
      return Found(
        rows: [], bestOfOwnPipeline: nil, considered: count, legal: 0, fitting: 0, fasterThanBase: 0,
        leastMemory: nil,
        rejections: [
          error.code: PlanRejection(code: error.code, count: count, example: "everything \(placement.name)")
        ])
    }
    (planner.ownTime, planner.ownPipeline) = (ownTime, ownPipeline)
    let found = planner.searchLayouts()
    let placed = { (row: PlanRow) in
      var row = row
      row.placement = placement
      return row
    }
    return Found(
      rows: found.rows.map(placed), bestOfOwnPipeline: found.bestOfOwnPipeline.map(placed),
      considered: found.considered, legal: found.legal, fitting: found.fitting, fasterThanBase: found.fasterThanBase,
      leastMemory: found.leastMemory, rejections: found.rejections)
  }

  private func merged(_ found: [Found], base: PlanBase) -> PlanResult {
    var base = base
    if case .row(var row, let fits) = base {
      row.rank = found.reduce(1) { $0 + $1.fasterThanBase }
      base = .row(row, fits: fits)
    }
    let precedes = { (left: PlanRow, right: PlanRow) in
      (left.time.total, left.memoryGiB) < (right.time.total, right.memoryGiB)
    }
    // One search's rows are in order already, by more than this.
    var rows = found.count == 1 ? found[0].rows : found.flatMap(\.rows).sorted(by: precedes)
    rows = Array(rows.prefix(limit))
    for index in rows.indices { rows[index].rank = index + 1 }
    var rejections: [DiagnosticCode: PlanRejection] = [:]
    for rejection in found.flatMap(\.rejections.values) {
      rejections[rejection.code, default: PlanRejection(code: rejection.code, count: 0, example: rejection.example)]
        .count += rejection.count
    }
    return PlanResult(
      rows: rows, base: base, bestOfOwnPipeline: found.compactMap(\.bestOfOwnPipeline).min(by: precedes),
      considered: found.reduce(0) { $0 + $1.considered }, legal: found.reduce(0) { $0 + $1.legal },
      fitting: found.reduce(0) { $0 + $1.fitting },
      leastMemory: found.compactMap(\.leastMemory).min { $0.memory.worstTotal < $1.memory.worstTotal },
      rejections: rejections.values.sorted { ($1.count, $0.code.rawValue) < ($0.count, $1.code.rawValue) })
  }

  // MARK: One size at a time

  /// Drops the sizes that are refused whatever the others are.
  private mutating func narrow() {
    narrow(\.tensors, .tensor) { PlanChoice(tensor: $0) }
    narrow(\.contexts, .context) { PlanChoice(context: $0) }
    narrow(\.experts, .expert) { PlanChoice(expert: $0) }
    narrow(\.expertTensors, .expertTensor) { PlanChoice(expertTensor: $0) }
    narrow(\.microBatches, .microBatch) { PlanChoice(microBatchSize: $0) }
    narrow(\.recomputes, .recompute) { PlanChoice(recompute: RecomputeChoice.searched[$0]) }
  }

  private mutating func narrow(
    _ values: WritableKeyPath<SearchSpace, [Int]>, _ level: LegalityFilter.Level, _ choice: (Int) -> PlanChoice
  ) {
    for value in space[keyPath: values] {
      guard let code = filter.refusal(level, of: choice(value)) else { continue }
      let before = space.count
      space[keyPath: values].removeAll { $0 == value }
      reject(code, before - space.count, choice(value))
    }
  }

  // MARK: One pipeline

  private mutating func search(pipeline: Int) {
    var stages: [PlannedStages] = []
    for chunks in space.virtualPipelines(pipeline) {
      guard let planned = PlannedStages(request, prices.kinds, pipeline: pipeline, virtualPipeline: chunks) else {
        continue
      }
      stages.append(planned)
      plannedStages[PipelineSizes(pipeline: pipeline, virtualPipeline: planned.virtualPipeline)] = planned
    }
    let perStages = space.microBatches.count * space.recomputes.count
    let perDense = stages.count * perStages
    let perPair = space.tensors.count * space.contexts.count * perDense
    if let code = filter.refusal(.pipeline, of: PlanChoice(pipeline: pipeline)) {
      return reject(
        code, perPair * space.experts.count * space.expertTensors.count, PlanChoice(pipeline: pipeline))
    }
    let pairs = expertPairs(pipeline: pipeline, each: perPair)
    for tensor in space.tensors {
      for context in space.contexts {
        var choice = PlanChoice(tensor: tensor, pipeline: pipeline, context: context)
        guard choice.sizes.dataParallel(of: request.worldSize) != nil else {
          reject("GPU-01", perDense * pairs.count, choice)
          continue
        }
        if let code = filter.refusal(.replicaSizes, of: choice) {
          reject(code, perDense * pairs.count, choice)
          continue
        }
        var legalPairs: [PlanPrices.ExpertPair] = []
        for pair in pairs {
          (choice.expert, choice.expertTensor) = (pair.expert, pair.expertTensor)
          if let code = filter.refusal(.expertSide, of: choice) {
            reject(code, perDense, choice)
          } else {
            legalPairs.append(pair)
          }
        }
        (choice.expert, choice.expertTensor) = (1, 1)
        for stages in stages { search(choice, stages, legalPairs, perStages) }
      }
    }
  }

  /// The sizes of the expert side that go with a pipeline.
  private mutating func expertPairs(pipeline: Int, each: Int) -> [PlanPrices.ExpertPair] {
    var pairs: [PlanPrices.ExpertPair] = []
    for expert in space.experts {
      for expertTensor in space.expertTensors {
        let choice = PlanChoice(pipeline: pipeline, expert: expert, expertTensor: expertTensor)
        if choice.sizes.expertDataParallel(of: request.worldSize) == nil {
          reject("GPU-02", each, choice)
        } else if let code = filter.refusal(.expertPair, of: choice) {
          reject(code, each, choice)
        } else {
          pairs.append(prices.pair(choice))
        }
      }
    }
    return pairs
  }

  // MARK: One dense side

  /// - Parameter each: choices of the micro batch and recomputation.
  private mutating func search(
    _ sizes: PlanChoice, _ stages: PlannedStages, _ pairs: [PlanPrices.ExpertPair], _ each: Int
  ) {
    guard !pairs.isEmpty else { return }
    var choice = sizes
    choice.virtualPipeline = stages.virtualPipeline
    if let code = filter.refusal(.stages, of: choice, layout: stages.layout) {
      return reject(code, each * pairs.count, choice)
    }
    var dense = prices.dense(choice, stages)
    for micro in space.microBatches {
      choice.microBatchSize = micro
      let recomputes = fastEnough(dense, pairs, choice)
      if recomputes.isEmpty { continue }
      if let code = filter.refusal(.batch, of: choice, layout: stages.layout) {
        reject(code, space.recomputes.count * pairs.count, choice)
        continue
      }
      guard dense.setMicroBatch(of: choice) else { continue }
      for recompute in recomputes {
        choice.recompute = RecomputeChoice.searched[recompute]
        if let code = filter.refusal(.denseSide, of: choice, layout: stages.layout) {
          reject(code, pairs.count, choice)
          continue
        }
        join(dense.side(choice), pairs, choice, recompute: recompute, layout: stages.layout)
      }
      choice.recompute = .none
    }
  }

  /// The recomputation to look at for a micro batch. Asked before the rules, which take longer.
  private func fastEnough(
    _ dense: PlanPrices.Dense, _ pairs: [PlanPrices.ExpertPair], _ sizes: PlanChoice
  ) -> [Int] {
    guard mostTime < .infinity else { return space.recomputes }
    var (dense, choice) = (dense, sizes)
    guard dense.setMicroBatch(of: choice) else { return [] }
    return space.recomputes.filter { recompute in
      choice.recompute = RecomputeChoice.searched[recompute]
      let side = dense.side(choice)
      return pairs.contains { prices.time(side, $0) <= mostTime }
    }
  }

  private mutating func join(
    _ dense: PlanPrices.DenseSide, _ pairs: [PlanPrices.ExpertPair], _ sizes: PlanChoice, recompute: Int,
    layout: String?
  ) {
    var choice = sizes
    let capacity = request.usableGiB * gibibyte
    for pair in pairs {
      (choice.expert, choice.expertTensor) = (pair.expert, pair.expertTensor)
      let time = prices.time(dense, pair)
      guard time <= mostTime else { continue }
      if let code = filter.refusal(.all, of: choice, layout: layout) {
        reject(code, 1, choice)
        continue
      }
      legal += 1
      let candidate = Candidate(
        tensor: Int32(choice.tensor), pipeline: Int32(choice.pipeline),
        virtualPipeline: Int32(choice.virtualPipeline ?? 0), context: Int32(choice.context),
        expert: Int32(choice.expert), expertTensor: Int32(choice.expertTensor),
        microBatchSize: Int32(choice.microBatchSize), recompute: Int32(recompute),
        time: time, memory: prices.memory(dense, pair))
      if candidate.memory < least?.memory ?? .infinity { least = candidate }
      guard candidate.memory <= capacity else {
        reject("MEM-01", 1, choice)
        continue
      }
      fitting += 1
      // Not by the rounding of sums in another order.
      if candidate.time < ownTime * (1 - 1e-12) { fasterThanBase += 1 }
      if choice.pipeline == ownPipeline, bestOfOwnPipeline.map({ Candidate.precedes(candidate, $0) }) ?? true {
        bestOfOwnPipeline = candidate
        if mostTime < .infinity { mostTime = candidate.time }
      }
      fastest.insert(candidate)
    }
  }

  // MARK: Rows

  /// The stages of a choice that was searched.
  private func stages(of choice: PlanChoice) -> PlannedStages? {
    plannedStages[PipelineSizes(pipeline: choice.pipeline, virtualPipeline: choice.virtualPipeline)]
  }

  /// The first error of a whole config, but for those that all configs of the search have.
  private func refusal(of run: RunFacts) -> Finding? {
    baseErrors.isEmpty ? Validator.firstError(run) : filter.refusal(of: run)
  }

  /// The fastest that pass every rule as a whole.
  private mutating func rows() -> [PlanRow] {
    var rows: [PlanRow] = []
    for candidate in fastest.sorted where rows.count < limit {
      let choice = candidate.choice
      guard let stages = stages(of: choice) else { continue }
      let config = choice.config(request, layout: stages.layout)
      let run = RunFacts(config)
      if let error = refusal(of: run) {
        legal -= 1
        fitting -= 1
        reject(error.code, 1, choice)
        continue
      }
      guard
        let row = prices.row(
          choice, stages, config, memory: candidate.memory, rank: rows.count + 1, numMicrobatches: run.numMicrobatches)
      else { continue }
      rows.append(row)
    }
    return rows
  }

  /// A candidate as a row; `nil` where a rule refuses it as a whole.
  private func row(_ candidate: Candidate, rank: Int) -> PlanRow? {
    let choice = candidate.choice
    guard let stages = stages(of: choice) else { return nil }
    let config = choice.config(request, layout: stages.layout)
    let run = RunFacts(config)
    guard refusal(of: run) == nil else { return nil }
    return prices.row(
      choice, stages, config, memory: candidate.memory, rank: rank, numMicrobatches: run.numMicrobatches)
  }

  private func leastMemory(_ choice: PlanChoice) -> (choice: PlanChoice, memory: MemoryEstimate)? {
    stages(of: choice)
      .flatMap { RunFacts(choice.config(request, layout: $0.layout)).memory(request.assumptions) }
      .map { (choice, $0) }
  }

  private mutating func reject(_ code: DiagnosticCode, _ count: Int, _ choice: @autoclosure () -> PlanChoice) {
    guard count > 0 else { return }
    if let index = rejections.index(forKey: code) {
      rejections.values[index].count += count
    } else {
      rejections[code] = PlanRejection(code: code, count: count, example: choice().description)
    }
  }

  /// The base's own layout, as it is.
  private func priceOfBase() -> PlanBase {
    let run = RunFacts(request.baseOnTheseGPUs)
    if let error = refusal(of: run) { return .refused(error.code, error.message.text) }
    guard let memory = run.memory(request.assumptions), let row = prices.row(of: run, memory: memory.worstTotal) else {
      return .unpriced
    }
    return .row(row, fits: row.memoryGiB <= request.gpuMemoryGiB)
  }
}
