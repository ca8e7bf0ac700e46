import LaunchModel
package import Topology

/// What the number of GPUs decides: the process groups, the replicas of a layout, and what each of them does in a step.
package struct Replication: Sendable {
  let worldSize: Int
  let gridProblems: [RankGridProblem]
  let grid: RankGrid?
  let dataParallelSize: Int?
  let expertDataParallelSize: Int?
  let numMicrobatches: Int?
  let firstMicrobatches: Int?
  let overlap: OverlapFacts

  init(_ config: borrowing LaunchConfig, _ sizes: ParallelSizes, _ order: RankOrder) {
    worldSize = config.cluster.numNodes * config.cluster.gpusPerNode
    gridProblems = RankGrid.problems(worldSize: worldSize, sizes: sizes, order: order)
    grid = gridProblems.isEmpty ? try? RankGrid(worldSize: worldSize, sizes: sizes, order: order) : nil
    let replicas = sizes.dataParallel(of: worldSize)
    dataParallelSize = replicas
    expertDataParallelSize = sizes.expertDataParallel(of: worldSize)
    let (train, isRampUpApplied) = (config.train, config.release.rampUp == .applied)
    let microbatches = replicas.flatMap { Self.numMicrobatches(train, replicas: $0) }
    numMicrobatches = microbatches
    firstMicrobatches =
      (isRampUpApplied ? replicas.flatMap { Self.firstMicrobatches(train, replicas: $0) } : nil) ?? microbatches
    overlap = OverlapFacts(config, dataParallelSize: replicas)
  }

  /// Megatron's `ConstantNumMicroBatchesCalculator` (megatron-core 0.16.1).
  private static func numMicrobatches(_ train: Section<TrainFields>, replicas: Int) -> Int? {
    guard let global = train.globalBatchSize, let micro = train.microBatchSize else { return nil }
    return numMicrobatches(
      globalBatch: global, microBatch: micro, replicas: replicas, roundsDown: train.decreaseBatchSizeIfNeeded)
  }

  /// The same from plain numbers.
  package static func numMicrobatches(globalBatch: Int, microBatch: Int, replicas: Int, roundsDown: Bool) -> Int? {
    let (share, overflow) = microBatch.multipliedReportingOverflow(by: replicas)
    guard !overflow, share > 0, globalBatch >= share else { return nil }
    return roundsDown || globalBatch % share == 0 ? globalBatch / share : nil
  }

  /// The first of Megatron's `RampupBatchsizeNumMicroBatchesCalculator` (megatron-core 0.16.1), rounded down as there;
  /// `nil` without a ramp-up.
  private static func firstMicrobatches(_ train: Section<TrainFields>, replicas: Int) -> Int? {
    guard let start = train.rampupBatchSize?.first, let micro = train.microBatchSize else { return nil }
    let (share, overflow) = micro.multipliedReportingOverflow(by: replicas)
    return overflow || share < 1 ? nil : start / share
  }
}

extension RunFacts {
  /// GPUs in all: `num_nodes * gpus_per_node`.
  package var worldSize: Int { replication.worldSize }
  /// Everything that is wrong with the process groups.
  package var gridProblems: [RankGridProblem] { replication.gridProblems }
  package var grid: RankGrid? { replication.grid }
  /// Replicas of the dense layers; defined whenever TP * PP * CP divides the GPUs.
  package var dataParallelSize: Int? { replication.dataParallelSize }
  /// Replicas of the routed experts; defined whenever ETP * EP * PP divides the GPUs.
  package var expertDataParallelSize: Int? { replication.expertDataParallelSize }
  /// Micro-batches of a step on one replica: global batch / (micro batch * replicas), rounded down where
  /// `decrease_batch_size_if_needed` says so; `nil` where it is no whole number.
  package var numMicrobatches: Int? { replication.numMicrobatches }
  /// Micro-batches of the first step: fewer than ``numMicrobatches`` where the batch ramps up. What Megatron reports at
  /// start-up.
  package var firstMicrobatches: Int? { replication.firstMicrobatches }
  /// Communication settings after `comm_overlap` has had the last word.
  package var overlap: OverlapFacts { replication.overlap }
}
