import LaunchModel
import Topology

/// Batches that the schedule of a pipeline takes, for rules that offer some.
extension RunFacts {
  /// The nearest global batches below and above a number that are whole numbers of micro-batches, and as many as the
  /// schedule takes.
  ///
  /// - Parameter share: the samples of one micro-batch on every replica.
  func scheduledBatches(near global: Int, share: Int) -> [Int] {
    guard share > 0, global >= 0 else { return [] }
    let floor = global / share
    let counts =
      if let groups = scheduledGroups {
        [groups.most(upTo: floor), groups.fewest(from: floor + 1)]
      } else {
        [floor > 0 ? floor : nil, floor + 1]
      }
    return counts.compactMap { count in
      guard let count else { return nil }
      let (batch, overflow) = count.multipliedReportingOverflow(by: share)
      return overflow ? nil : batch
    }
  }

  /// The groups of the interleaved schedule; `nil` where the schedule takes any number of micro-batches. Groups that are
  /// smaller than the pipeline are refused, so that those offered go by its size.
  private var scheduledGroups: MicrobatchGroups? {
    let pipeline = sizes.pipeline
    guard pipeline > 1, virtualPipelineSize != nil else { return nil }
    return MicrobatchGroups(
      size: max(config.parallelism.microbatchGroupSizePerVPStage ?? pipeline, pipeline), pipeline: pipeline)
  }
}
