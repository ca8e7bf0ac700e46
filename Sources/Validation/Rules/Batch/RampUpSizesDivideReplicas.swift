import Diagnostics
import LaunchModel

/// # BATCH-06: every batch of a ramp-up is a whole number of micro-batches on every replica
///
/// ## What
/// Each size from start to `global_batch_size` must be a multiple of `micro_batch_size` times the data-parallel size,
/// unless `decrease_batch_size_if_needed` rounds them down; then the start must still be one micro-batch a replica.
///
/// ## Why
/// Megatron accepts such a ramp-up at start-up and refuses it in training, at the first size that does not fit.
///
/// ## Example
/// ```yaml
/// train: {global_batch_size: 2048, micro_batch_size: 1, rampup_batch_size: [12, 4, 100000]}   # with 8 replicas
/// ```
///
/// ## Fix
/// Take start and increment as multiples of micro batch times replicas.
///
/// ## Source
/// megatron-core 0.16.1 `num_microbatches_calculator.py`, `update`; megatron-bridge 0.3.1 `training/train.py`.
enum RampUpSizesDivideReplicas: Rule {
  static let code: DiagnosticCode = "BATCH-06"
  static let title = "every batch of a ramp-up is a whole number of micro-batches on every replica"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    guard let ramp = run.rampUp, let replicas = run.dataParallelSize, let micro = train.microBatchSize
    else { return }
    let (product, overflow) = micro.multipliedReportingOverflow(by: replicas)
    let share = overflow ? Int.max : product
    let rounds = train.decreaseBatchSizeIfNeeded
    guard let size = rounds ? (ramp.start < share ? ramp.start : nil) : ramp.firstSize(notMultipleOf: share) else {
      return
    }
    let unit = "micro \(micro) x \(replicas) replicas\(overflow ? "" : " = \(share)")"
    var help: String?
    if !overflow {
      let start = Help.neighbours(of: ramp.start, multipleOf: share)
      let increment = Help.neighbours(of: ramp.increment, multipleOf: share)
      help =
        "start and increment as multiples of \(share): [\(start.below ?? start.above), \(increment.below ?? increment.above), …]"
    }
    report.error(
      at: Path.train.rampupBatchSize,
      rounds
        ? "the first batch of \(size), rounded down to a multiple of \(unit), is 0"
        : "the batch of \(size) is no multiple of \(unit); Megatron finds out when the ramp-up reaches it",
      help: help,
      related: Help.replicaFields(run) + [(Path.train.microBatchSize, "micro batch \(micro)")])
  }
}

/// # BATCH-08: every batch of a ramp-up keeps an interleaved pipeline busy
///
/// ## What
/// With virtual pipeline stages, the micro-batches of each size of a ramp-up must obey PIPE-21: at least the group size
/// `microbatch_group_size_per_vp_stage` (by default PP), and the last group whole or at least PP.
///
/// ## Why
/// The interleaved schedule refuses the step otherwise, in the middle of the run.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 4, virtual_pipeline_model_parallel_size: 2}
/// train: {global_batch_size: 64, micro_batch_size: 1, rampup_batch_size: [8, 8, 1000]}   # 4 replicas: 2 micro-batches
/// ```
///
/// ## Fix
/// Start larger, and grow by multiples of micro batch times replicas times PP.
///
/// ## Source
/// megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_with_interleaving`.
enum RampUpFeedsPipeline: Rule {
  static let code: DiagnosticCode = "BATCH-08"
  static let title = "every batch of a ramp-up keeps an interleaved pipeline busy"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let pipeline = run.sizes.pipeline
    guard let ramp = run.rampUp, run.virtualPipelineSize != nil, pipeline > 1,
      let replicas = run.dataParallelSize, let micro = run.config.train.microBatchSize
    else { return }
    let (share, overflow) = micro.multipliedReportingOverflow(by: replicas)
    guard !overflow, share > 0 else { return }
    let group = run.config.parallelism.microbatchGroupSizePerVPStage ?? pipeline
    guard group >= pipeline else { return }
    // The target is checked like any global batch; sizes that do not divide have their own rule.
    for step in 0..<min(ramp.steps, 100_000) {
      let size = ramp.start + step * ramp.increment
      guard run.config.train.decreaseBatchSizeIfNeeded || size % share == 0 else { return }
      let count = size / share
      guard count > 0, count < group || (count % group != 0 && count % group < pipeline) else { continue }
      report.error(
        at: Path.train.rampupBatchSize,
        count < group
          ? "the batch of \(size) makes \(count) micro-batches, fewer than the group of \(group) that a virtual stage runs"
          : "the batch of \(size) makes \(count) micro-batches: groups of \(group) and a rest of \(count % group), below PP \(pipeline)",
        help: "start and increment as multiples of micro \(micro) x \(replicas) replicas x \(group)",
        related: [
          (Path.parallelism.pipelineModelParallelSize, "PP \(pipeline)"),
          (Path.parallelism.virtualPipelineModelParallelSize, "interleaved"),
          (Path.train.microBatchSize, "micro batch \(micro)"),
        ])
      return
    }
  }
}
