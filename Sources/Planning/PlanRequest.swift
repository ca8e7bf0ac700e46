package import Estimation
package import LaunchModel
import Validation

/// What to search: a config whose parallel layout is open, on so many GPUs.
package struct PlanRequest: Sendable {
  /// Everything but the parallel sizes, the micro batch and recomputation.
  package var base: LaunchConfig
  package var worldSize: Int
  package var gpusPerNode: Int
  package var gpuMemoryGiB: Double
  package var assumptions: Assumptions

  /// GPUs that a search may be about: more than any cluster has, and few enough for sizes to multiply.
  package static let mostGPUs = 1 << 20

  package init(
    base: LaunchConfig, worldSize: Int, gpusPerNode: Int = 8, gpuMemoryGiB: Double = 80,
    assumptions: Assumptions = Assumptions()
  ) {
    self.base = base
    self.worldSize = worldSize
    self.gpusPerNode = min(gpusPerNode, worldSize)
    self.gpuMemoryGiB = gpuMemoryGiB
    self.assumptions = assumptions
  }

  /// GPUs that NVLink joins: those that the base says, or those of a node.
  var gpusPerDomain: Int { base.cluster.nvlinkDomainGPUs ?? gpusPerNode }

  /// The base as it is, on these GPUs.
  var baseOnTheseGPUs: LaunchConfig {
    var config = base
    config.cluster.gpusPerNode = gpusPerNode
    config.cluster.numNodes = worldSize / gpusPerNode
    config.cluster.gpuMemoryGiB = gpuMemoryGiB
    return config
  }

  var batches: Batches {
    Batches(
      globalBatch: base.train.globalBatchSize ?? 0, roundsDown: base.train.decreaseBatchSizeIfNeeded,
      worldSize: worldSize)
  }

  /// What the number of micro-batches follows from, beside the choice.
  struct Batches {
    let globalBatch: Int
    let roundsDown: Bool
    let worldSize: Int

    /// Replicas of the dense layers.
    func replicas(_ choice: PlanChoice) -> Int { choice.sizes.dataParallel(of: worldSize) ?? 1 }

    /// `nil` where they are no whole number.
    func numMicrobatches(_ choice: PlanChoice) -> Int? {
      RunFacts.numMicrobatches(
        globalBatch: globalBatch, microBatch: choice.microBatchSize, replicas: replicas(choice), roundsDown: roundsDown)
    }
  }
}
