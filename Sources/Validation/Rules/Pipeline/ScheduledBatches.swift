import LaunchModel

/// Batches that the schedule of a pipeline takes, for rules that offer some.
extension RunFacts {
  /// The nearest global batches below and above a number that are whole numbers of micro-batches, and as many as the
  /// schedule takes.
  ///
  /// - Parameter share: the samples of one micro-batch on every replica.
  func scheduledBatches(near global: Int, share: Int) -> [Int] {
    guard share > 0, global >= 0 else { return [] }
    let floor = global / share
    let counts = [scheduledMicrobatches(atMost: floor), scheduledMicrobatches(atLeast: max(floor + 1, 1))]
    return counts.compactMap { count in
      guard let count else { return nil }
      let (batch, overflow) = count.multipliedReportingOverflow(by: share)
      return overflow ? nil : batch
    }
  }

  /// Micro-batches of a group of the interleaved schedule; `nil` where the schedule takes any number.
  private var scheduledGroup: Int? {
    let pipeline = sizes.pipeline
    guard pipeline > 1, virtualPipelineSize != nil else { return nil }
    return max(config.parallelism.microbatchGroupSizePerVPStage ?? pipeline, pipeline)
  }

  private func scheduledMicrobatches(atMost count: Int) -> Int? {
    guard let group = scheduledGroup else { return count > 0 ? count : nil }
    guard count >= group else { return nil }
    let rest = count % group
    return rest >= sizes.pipeline ? count : count - rest
  }

  private func scheduledMicrobatches(atLeast count: Int) -> Int? {
    guard let group = scheduledGroup, count > group else { return scheduledGroup ?? count }
    let rest = count % group
    return rest == 0 || rest >= sizes.pipeline ? count : count - rest + min(sizes.pipeline, group)
  }
}
