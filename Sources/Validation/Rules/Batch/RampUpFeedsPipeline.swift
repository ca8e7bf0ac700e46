import Diagnostics
import LaunchModel
import Releases

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
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_with_interleaving`.
enum RampUpFeedsPipeline: Rule {
  static let code: DiagnosticCode = "BATCH-08"
  static let title = "every batch of a ramp-up keeps an interleaved pipeline busy"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline, .replicas, .microBatch]
  static let releases = ReleaseSet.where { $0.rampUp == .applied }

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
