/// One step of a rank: the forward or backward pass of one of its chunks for one micro-batch.
package struct ScheduleStep: Hashable, Sendable {
  package enum Pass: Hashable, Sendable {
    case forward, backward
  }

  package let pass: Pass
  /// The virtual pipeline rank.
  package let chunk: Int
  package let microbatch: Int
}

/// The order in which every pipeline rank runs its passes in one training step.
///
/// Without virtual stages this is 1F1B, with them (also with one) the interleaved schedule; both as in `schedules.py` of
/// megatron-core 0.16.1: `forward_backward_pipelining_without_interleaving` and `..._with_interleaving`, the latter
/// without `overlap_moe_expert_parallel_comm`.
package struct PipelineSchedule: Hashable, Sendable {
  package let pipeline: Int
  /// `nil` for 1F1B.
  package let virtualPipeline: Int?
  /// Micro-batches of one training step on one rank.
  package let microbatches: Int
  /// `microbatch_group_size_per_vp_stage`: how many micro-batches a chunk runs in a row. Without meaning for 1F1B.
  package let groupSize: Int

  /// Steps of all ranks together.
  package static let mostEvents = 5_000_000

  /// - Parameter groupSize: `nil` is Megatron's default, the pipeline size.
  /// - Throws: what Megatron refuses in the first step, and schedules of more than `mostEvents` steps.
  package init(
    pipeline: Int, virtualPipeline: Int? = nil, microbatches: Int, groupSize: Int? = nil
  ) throws(ScheduleError) {
    let sizes: [(SizeName, Int)] = [
      (.pipeline, pipeline), (.virtualPipeline, virtualPipeline ?? 1), (.microbatches, microbatches),
    ]
    if let (name, value) = sizes.first(where: { $0.1 < 1 }) { throw .sizeNotPositive(name, value) }
    if pipeline == 1, let virtualPipeline { throw .virtualWithoutPipeline(virtualPipeline: virtualPipeline) }
    let groups = MicrobatchGroups(size: groupSize, pipeline: pipeline)
    if virtualPipeline != nil, let problem = groups.problem(with: microbatches) { throw problem }
    guard let events = checkedProduct(2, pipeline, virtualPipeline ?? 1, microbatches), events <= Self.mostEvents else {
      throw .tooManyEvents(limit: Self.mostEvents)
    }
    self.pipeline = pipeline
    self.virtualPipeline = virtualPipeline
    self.microbatches = microbatches
    self.groupSize = groups.size
  }

  /// Chunks of a rank.
  package var chunks: Int { virtualPipeline ?? 1 }

  /// Stages of the whole pipeline; stage `chunk * pipeline + rank`.
  package var stages: Int { pipeline * chunks }

  /// How many forward passes a rank runs before its first backward pass follows a forward one
  /// (`get_pp_rank_microbatches`).
  package func warmup(rank: Int) -> Int {
    let behind = pipeline - rank - 1
    let steps = virtualPipeline == nil ? behind : 2 * behind + (chunks - 1) * groupSize
    return min(steps, microbatches * chunks)
  }

  /// The steps of a rank in order; none for a rank that does not exist.
  package func steps(rank: Int) -> [ScheduleStep] {
    guard (0..<pipeline).contains(rank) else { return [] }
    let total = microbatches * chunks
    let warmup = warmup(rank: rank)
    var steps: [ScheduleStep] = []
    steps.reserveCapacity(2 * total)
    for index in 0..<warmup { steps.append(forward(index)) }
    for index in warmup..<total {
      steps.append(forward(index))
      steps.append(backward(index - warmup))
    }
    for index in (total - warmup)..<total { steps.append(backward(index)) }
    return steps
  }

  private func forward(_ index: Int) -> ScheduleStep {
    let (chunk, microbatch) = entry(index)
    return ScheduleStep(pass: .forward, chunk: chunk, microbatch: microbatch)
  }

  private func backward(_ index: Int) -> ScheduleStep {
    let (chunk, microbatch) = entry(index)
    return ScheduleStep(pass: .backward, chunk: chunks - chunk - 1, microbatch: microbatch)
  }

  /// An entry of `get_schedule_table`: group by group, each chunk runs the micro-batches of the group in a row.
  private func entry(_ index: Int) -> (chunk: Int, microbatch: Int) {
    guard virtualPipeline != nil else { return (0, index) }
    let start = index / (groupSize * chunks) * groupSize
    let size = min(groupSize, microbatches - start)
    let place = index - start * chunks
    return (place / size, start + place % size)
  }
}
