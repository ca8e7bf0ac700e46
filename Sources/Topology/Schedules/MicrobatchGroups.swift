/// The groups in which a chunk of an interleaved pipeline runs its micro-batches, the last of which may be smaller, but not
/// than the pipeline.
///
/// Source: megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_with_interleaving`.
package struct MicrobatchGroups: Hashable, Sendable {
  /// `microbatch_group_size_per_vp_stage`.
  package let size: Int
  package let pipeline: Int

  /// - Parameter size: `nil` is Megatron's default, the pipeline size.
  package init(size: Int?, pipeline: Int) {
    self.size = size ?? pipeline
    self.pipeline = pipeline
  }

  /// Why a step cannot have so many micro-batches; `nil` where it can.
  package func problem(with microbatches: Int) -> ScheduleError? {
    guard pipeline <= size, size <= microbatches else {
      return .groupOutOfRange(groupSize: size, pipeline: pipeline, microbatches: microbatches)
    }
    let remainder = microbatches % size
    guard remainder == 0 || remainder >= pipeline else {
      return .groupRemainder(remainder: remainder, groupSize: size, pipeline: pipeline, microbatches: microbatches)
    }
    return nil
  }

  /// The most micro-batches up to so many; `nil` where those are fewer than a group.
  package func most(upTo count: Int) -> Int? {
    guard problem(with: count) != nil else { return count }
    return pipeline <= size && size <= count ? count - count % size : nil
  }

  /// The fewest micro-batches from so many on; `nil` where groups are smaller than the pipeline.
  package func fewest(from count: Int) -> Int? {
    guard pipeline <= size else { return nil }
    guard count > size, problem(with: count) != nil else { return max(count, size) }
    return count - count % size + pipeline
  }
}
