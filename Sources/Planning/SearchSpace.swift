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

  static let largestMicroBatch = 512
  /// Global batches of real runs have fewer; one of a thousand divisors would make the search as many times as long.
  static let mostMicroBatches = 32

  init(_ request: PlanRequest, numLayers: Int, hasExperts: Bool) {
    let sizes = divisors(of: request.worldSize)
    self.numLayers = numLayers
    tensors = sizes
    contexts = sizes
    pipelines = sizes.filter { $0 <= numLayers }
    experts = hasExperts ? sizes : [1]
    expertTensors = hasExperts ? sizes : [1]
    microBatches = Array(
      divisors(of: request.base.train.globalBatchSize ?? 1).prefix { $0 <= Self.largestMicroBatch }
        .prefix(Self.mostMicroBatches))
    recomputes = Array(RecomputeChoice.searched.indices)
  }

  /// Virtual stages: none, or two and more of which every one can hold a layer.
  func virtualPipelines(_ pipeline: Int) -> [Int?] {
    let most = numLayers / pipeline
    return pipeline == 1 || most < 2 ? [nil] : [nil] + (2...most).map(Optional.some)
  }

  /// Pipelines with their virtual stages.
  var numPipelines: Int { pipelines.reduce(0) { $0 + virtualPipelines($1).count } }

  /// Choices in all.
  var count: Int {
    tensors.count * contexts.count * numPipelines * experts.count * expertTensors.count * microBatches.count
      * recomputes.count
  }
}
