import LaunchModel
import Topology

/// The values that a search tries for each size.
struct SearchSpace {
  /// Divisors of the GPUs.
  var tensors: [Int]
  var contexts: [Int]
  /// Divisors of the GPUs of which every stage can hold a layer.
  var pipelines: [Int]
  var experts: [Int]
  var expertTensors: [Int]
  /// The smallest divisors of the global batch, up to ``largestMicroBatch`` and ``mostMicroBatches`` of them.
  var microBatches: [Int]
  /// Indices of settings.
  var recomputes: [Int]
  private let numLayers: Int
  private let held: HeldSizes

  static let largestMicroBatch = 512
  /// Global batches of real runs have fewer; one of a thousand divisors would make the search as many times as long.
  static let mostMicroBatches = 32

  init(_ request: PlanRequest, numLayers: Int, hasExperts: Bool) {
    let sizes = divisors(of: request.worldSize)
    self.numLayers = numLayers
    held = request.held
    tensors = Self.values(sizes, held: held.tensor)
    contexts = Self.values(sizes, held: held.context)
    pipelines = Self.values(sizes.filter { $0 <= numLayers }, held: held.pipeline)
    experts = Self.values(hasExperts ? sizes : [1], held: held.expert)
    expertTensors = Self.values(hasExperts ? sizes : [1], held: held.expertTensor)
    let batches = divisors(of: request.base.train.globalBatchSize ?? 1)
    microBatches =
      held.microBatchSize.map { [$0].filter(batches.contains) }
      ?? Array(batches.prefix { $0 <= Self.largestMicroBatch }.prefix(Self.mostMicroBatches))
    recomputes = Array(RecomputeChoice.searched.indices)
  }

  /// The values to try of one size; one that is held and cannot be leaves none.
  private static func values(_ all: [Int], held: Int?) -> [Int] { held.map { [$0].filter(all.contains) } ?? all }

  /// Virtual stages: none, or two and more of which every one can hold a layer.
  func virtualPipelines(_ pipeline: Int) -> [Int?] {
    let most = numLayers / pipeline
    let all: [Int?] = pipeline == 1 || most < 2 ? [nil] : [nil] + (2...most).map(Optional.some)
    return held.virtualPipeline.map { wanted in all.filter { $0 ?? 1 == wanted } } ?? all
  }

  /// Pipelines with their virtual stages.
  var numPipelines: Int { pipelines.reduce(0) { $0 + virtualPipelines($1).count } }

  /// Choices in all.
  var count: Int {
    tensors.count * contexts.count * numPipelines * experts.count * expertTensors.count * microBatches.count
      * recomputes.count
  }
}
