import Estimation
import LaunchModel
import Planning
import Reporting

/// What is said of a layout that another one with as many pipeline stages outruns by estimate.
///
/// It is asked of every config that is generated, so context and expert tensor parallelism are not searched where the
/// config has none: no plan of Moonlight for few GPUs has them in its first row, and they are most of the choices.
enum SlowLayoutNote {
  /// A share of a step that is nobody's concern.
  private static let tolerated = 0.1

  /// `nil` for a layout that is fast enough, and where none can be told.
  static func text(for config: LaunchConfig) -> String? {
    let cluster = config.cluster
    let worldSize = cluster.numNodes * cluster.gpusPerNode
    // One GPU has no layout.
    guard worldSize > 1 else { return nil }
    let sizes = config.parallelism
    let pipeline = sizes.pipelineModelParallelSize
    let held = HeldSizes(
      pipeline: pipeline, context: sizes.contextParallelSize == 1 ? 1 : nil,
      expertTensor: sizes.expertTensorParallelSize == 1 ? 1 : nil)
    let request = PlanRequest(
      base: config, worldSize: worldSize, gpusPerNode: cluster.gpusPerNode,
      gpuMemoryGiB: cluster.gpuMemoryGiB, assumptions: config.assumptions, held: held)
    guard var planner = Planner(request, limit: 1), planner.baseErrors.allSatisfy(\.code.concernsFilesOnly) else {
      return nil
    }
    guard let (own, best) = planner.fasterOfOwnPipeline(share: 1 / (1 + tolerated)),
      own.time.total > best.time.total * (1 + tolerated)
    else { return nil }
    return """
      note: by estimate a step takes \(Numbers.decimal(own.time.total / best.time.total, 2)) times as long as with \
      \(best.choice.description); `moonlight plan --pp \(pipeline)` says more

      """
  }
}
