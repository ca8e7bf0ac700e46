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
  /// GiB of it that a plan leaves free.
  package var marginGiB: Double
  package var assumptions: Assumptions
  /// Sizes that are not searched.
  package var held: HeldSizes
  /// Where weights and optimizer states may be kept beside where the base keeps them.
  package var placements: [StatePlacement]

  /// Of a GPU's memory: the most that a measured peak was above its estimate is 1.7 % (one H200, November 2026), and the
  /// driver once showed 0.8 GiB more beside it than ``Assumptions/reservedGiB``.
  package static let marginShare = 0.03

  /// GPUs that a search may be about: more than any cluster has, and few enough for sizes to multiply.
  package static let mostGPUs = 1 << 20

  /// - Parameter marginGiB: `nil` for ``marginShare`` of a GPU's memory.
  package init(
    base: LaunchConfig, worldSize: Int, gpusPerNode: Int = 8, gpuMemoryGiB: Double = 80, marginGiB: Double? = nil,
    assumptions: Assumptions = Assumptions(), held: HeldSizes = HeldSizes(), placements: [StatePlacement] = []
  ) {
    self.base = base
    self.worldSize = worldSize
    self.gpusPerNode = min(gpusPerNode, worldSize)
    self.gpuMemoryGiB = gpuMemoryGiB
    self.marginGiB = marginGiB ?? Self.marginShare * gpuMemoryGiB
    self.assumptions = assumptions
    self.held = held
    self.placements = placements
  }

  /// What a layout may need to fit.
  package var usableGiB: Double { gpuMemoryGiB - marginGiB }

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
      Replication.numMicrobatches(
        globalBatch: globalBatch, microBatch: choice.microBatchSize, replicas: replicas(choice), roundsDown: roundsDown)
    }
  }
}
