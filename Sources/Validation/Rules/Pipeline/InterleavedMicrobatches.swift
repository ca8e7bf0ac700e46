import Diagnostics
import LaunchModel
import Topology

/// # PIPE-21: the interleaved schedule wants whole groups of micro-batches
///
/// ## What
/// With virtual stages, `microbatch_group_size_per_vp_stage` (null: PP) must be between PP and the number of
/// micro-batches, and a last, smaller group must hold at least PP of them. With the default, the number of
/// micro-batches must be a multiple of PP. Training and evaluation run the same number.
///
/// ## Why
/// A rank runs a group of micro-batches through one of its chunks, then the same group through the next. A group
/// smaller than the pipeline would leave ranks waiting. Nothing looks before the first step.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 4, virtual_pipeline_model_parallel_size: 2}
/// train: {global_batch_size: 24, micro_batch_size: 1}   # on 4 replicas: 6 micro-batches
/// ```
///
/// ## Fix
/// Take a global batch that makes a multiple of PP micro-batches.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_with_interleaving`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum InterleavedMicrobatches: Rule {
  static let code: DiagnosticCode = "PIPE-21"
  static let title = "the interleaved schedule wants whole groups of micro-batches"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline, .numMicrobatches]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let pipeline = run.sizes.pipeline
    guard pipeline > 1, let virtual = run.virtualPipelineSize, let count = run.numMicrobatches,
      let replicas = run.dataParallelSize, let micro = run.config.train.microBatchSize
    else { return }
    let written = run.config.parallelism.microbatchGroupSizePerVPStage
    let groups = MicrobatchGroups(size: written, pipeline: pipeline)
    guard groups.problem(with: count) != nil else { return }
    let group = groups.size
    let groupPath = Path.parallelism.microbatchGroupSizePerVPStage
    let related: [RelatedField] = [
      run.pipelineRelated,
      (Path.parallelism.virtualPipelineModelParallelSize, "VP \(virtual): interleaved"),
      (groupPath, written.map { "groups of \($0)" } ?? "null: groups of PP \(pipeline)"),
      (
        Path.train.globalBatchSize,
        "\(run.config.train.globalBatchSize ?? 0) / (micro \(micro) x DP \(replicas)) = \(count) micro-batches"
      ),
      (Path.train.microBatchSize, "micro batch \(micro)"),
    ]
    if let written, written < pipeline {
      return report.error(
        at: groupPath,
        """
        groups of \(written) micro-batches are smaller than the pipeline: microbatch_group_size_per_vp_stage is at \
        least PP \(pipeline)
        """,
        help: "write null for groups of \(pipeline)", related: related, fix: .unsafe("write null", (groupPath, .null)))
    }
    let legal = run.scheduledBatches(near: run.config.train.globalBatchSize ?? 0, share: micro * replicas)
    let batches =
      "\(run.config.train.globalBatchSize ?? 0) / (micro \(micro) x \(replicas) replicas) = \(count) micro-batches"
    report.error(
      at: written == nil ? Path.train.globalBatchSize : groupPath,
      group > count
        ? "\(batches), fewer than one group of \(group) on the interleaved pipeline"
        : "\(batches) in groups of \(group) leave \(count % group) for the last group, fewer than PP \(pipeline)",
      help: group == pipeline
        ? "global batches that make a multiple of PP \(pipeline) micro-batches: \(Help.list(legal))"
        : "global batches that leave no smaller group: \(Help.list(legal))",
      related: related)
  }
}
