/// The balancing of layers with everything fixed: sizes checked, weights usable.
struct BalanceProblem {
  let pipeline: Int
  let virtualPipeline: Int
  /// Least number of layers of a chunk: 0 or 1.
  let minimum: Int
  let costs: [Double]
  let activations: [Double]
  /// What the first chunk bears besides layers.
  let first: ChunkExtra
  /// What the last chunk bears besides layers.
  let last: ChunkExtra

  struct ChunkExtra {
    var cost: Double
    var activations: Double
  }

  struct Solution {
    let decoders: [Int]
    let isProven: Bool
  }

  init(
    weights: StageWeights, mtpNumLayers: Int, pipeline: Int, virtualPipeline: Int?, minimum: Int
  ) throws(BalanceError) {
    if pipeline < 1 { throw .sizeNotPositive(.pipeline, pipeline) }
    let virtual = virtualPipeline ?? 1
    if virtual < 1 { throw .sizeNotPositive(.virtualPipeline, virtual) }
    if pipeline == 1, virtualPipeline != nil { throw .virtualWithoutPipeline(virtualPipeline: virtual) }
    guard let stages = checkedProduct(pipeline, virtual), stages <= BalanceLimits.stages else {
      throw .tooManyStages(pipeline: pipeline, virtualPipeline: virtual)
    }
    let numLayers = weights.layers.count
    if numLayers > BalanceLimits.layers { throw .tooManyLayers(numLayers) }
    guard (0...BalanceLimits.layers).contains(mtpNumLayers) else { throw .mtpNumLayersOutOfRange(mtpNumLayers) }
    if weights.layerActivations.count != numLayers {
      throw .layerCount(weights: weights.layerActivations.count, model: numLayers)
    }
    if let (name, value) = weights.firstUnusable { throw .unusableWeight(name: name, value: value) }
    if minimum * stages > numLayers { throw .moreStagesThanLayers(stages: stages, layers: numLayers) }
    self.pipeline = pipeline
    self.virtualPipeline = virtual
    self.minimum = minimum
    costs = weights.layers
    activations = weights.layerActivations
    first = ChunkExtra(cost: weights.embedding, activations: weights.embeddingActivations)
    last = ChunkExtra(
      cost: weights.loss + Double(mtpNumLayers) * weights.mtp,
      activations: weights.lossActivations + Double(mtpNumLayers) * weights.mtpActivations)
  }

  var chunks: Int { pipeline * virtualPipeline }

  /// What a chunk bears besides layers.
  func extra(ofChunk chunk: Int) -> ChunkExtra {
    var extra = chunk == 0 ? first : ChunkExtra(cost: 0, activations: 0)
    if chunk == chunks - 1 {
      extra.cost += last.cost
      extra.activations += last.activations
    }
    return extra
  }

  /// What a rank bears besides layers.
  func extra(ofRank rank: Int) -> ChunkExtra {
    var extra = rank == 0 ? first : ChunkExtra(cost: 0, activations: 0)
    if rank == pipeline - 1 {
      extra.cost += last.cost
      extra.activations += last.activations
    }
    return extra
  }

  func inFlight(rank: Int) -> Double {
    microbatchesInFlight(rank: rank, pipeline: pipeline, virtualPipeline: virtualPipeline)
  }

  /// Loads and activations that differ by less than this share count as equal.
  static let tolerance = 1e-9
}

/// Bounds on every rank's load and activations.
struct BalanceBounds {
  var load: Double
  var activations: Double
}

/// A way to solve the problem exactly: it can tell whether bounds can be kept, and find the evenest split within them.
protocol ExactBalance {
  func canKeep(_ bounds: BalanceBounds) -> Bool
  /// Decoders of each chunk; only for bounds that can be kept.
  func evenest(within bounds: BalanceBounds) -> [Int]
}

extension BalanceProblem {
  func solve() -> Solution {
    if virtualPipeline == 1 { return Solution(decoders: solve(ChainBalance(self)), isProven: true) }
    if let classes = ClassBalance(self) { return Solution(decoders: solve(classes), isProven: true) }
    return SearchedBalance(self).solve()
  }

  private func solve(_ method: some ExactBalance) -> [Int] {
    let extras = first.cost + last.cost
    let total = costs.reduce(0, +) + extras
    let kept = activations.reduce(0, +) + first.activations + last.activations
    let load = Self.least(from: total / Double(pipeline), to: total) {
      method.canKeep(BalanceBounds(load: $0, activations: .infinity))
    }
    let bound = load * (1 + Self.tolerance)
    let peak = Self.least(from: 0, to: kept * inFlight(rank: 0)) {
      method.canKeep(BalanceBounds(load: bound, activations: $0))
    }
    return method.evenest(within: BalanceBounds(load: bound, activations: peak * (1 + Self.tolerance)))
  }

  /// The least value that passes a monotone test, to far below the tolerance; `high` must pass.
  private static func least(from low: Double, to high: Double, _ passes: (Double) -> Bool) -> Double {
    if passes(low) { return low }
    var (low, high) = (low, high)
    while high - low > high * tolerance * 1e-3 {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { break }
      if passes(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
