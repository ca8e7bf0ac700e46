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

  /// Of the first n layers at n.
  var costSums: [Double] { Self.sums(costs) }
  var activationSums: [Double] { Self.sums(activations) }

  private static func sums(_ values: [Double]) -> [Double] {
    values.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
  }

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

/// What was held against bounds: the largest that kept them, and the least that broke them. Of bounds in between everything
/// would have been found as it was.
struct ComparedWithBounds {
  private(set) var kept = BalanceBounds(load: -.infinity, activations: -.infinity)
  private(set) var broken = BalanceBounds(load: .infinity, activations: .infinity)

  mutating func fits(load: Double, activations: Double, _ bounds: BalanceBounds) -> Bool {
    guard load <= bounds.load else {
      broken.load = min(broken.load, load)
      return false
    }
    guard activations <= bounds.activations else {
      broken.activations = min(broken.activations, activations)
      return false
    }
    kept.load = max(kept.load, load)
    kept.activations = max(kept.activations, activations)
    return true
  }
}

/// A way to solve the problem exactly: it can tell whether bounds can be kept, and find the evenest split within them.
protocol ExactBalance {
  /// - Parameter compared: takes note of all that the answer hangs on.
  func canKeep(_ bounds: BalanceBounds, _ compared: inout ComparedWithBounds) -> Bool
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
    let load = Self.least(\.load, from: total / Double(pipeline), to: total) {
      method.canKeep(BalanceBounds(load: $0, activations: .infinity), &$1)
    }
    let bound = load * (1 + Self.tolerance)
    let peak = Self.least(\.activations, from: 0, to: kept * inFlight(rank: 0)) {
      method.canKeep(BalanceBounds(load: bound, activations: $0), &$1)
    }
    return method.evenest(within: BalanceBounds(load: bound, activations: peak * (1 + Self.tolerance)))
  }

  /// The least value that passes a monotone test, to far below the tolerance; `high` must pass.
  ///
  /// Halves what lies between, and goes on from what the test compared: only few sums of layers lie between two bounds.
  private static func least(
    _ kind: KeyPath<BalanceBounds, Double>, from low: Double, to high: Double,
    _ passes: (Double, inout ComparedWithBounds) -> Bool
  ) -> Double {
    var compared = ComparedWithBounds()
    if passes(low, &compared) { return low }
    var (low, high) = (max(low, compared.broken[keyPath: kind]), high)
    while high - low > high * tolerance * 1e-3 {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { break }
      compared = ComparedWithBounds()
      if passes(middle, &compared) {
        high = compared.kept[keyPath: kind]
      } else {
        low = compared.broken[keyPath: kind]
      }
    }
    return high
  }
}
