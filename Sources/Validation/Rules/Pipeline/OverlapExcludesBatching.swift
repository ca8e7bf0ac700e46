import Diagnostics

/// # PIPE-23: transfers are overlapped or batched, not both
///
/// ## What
/// With virtual stages, `overlap_p2p_comm` and `batch_p2p_comm` cannot both be on.
///
/// ## Why
/// A batch of transfers is waited for as a whole. The first step refuses.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 4, virtual_pipeline_model_parallel_size: 2}
/// comm_overlap: {batch_p2p_comm: true}   # overlap_p2p_comm is on by itself here
/// ```
///
/// ## Fix
/// Turn `batch_p2p_comm` off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_with_interleaving`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum OverlapExcludesBatching: Rule {
  static let code: DiagnosticCode = "PIPE-23"
  static let title = "transfers are overlapped or batched, not both"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.pipeline > 1, run.virtualPipelineSize != nil, run.overlap.overlapP2P, run.overlap.batchP2P else {
      return
    }
    report.error(
      at: run.overlap.batchP2PPath,
      "overlap_p2p_comm and batch_p2p_comm are both on; interleaved stages take one of them",
      help: "turn batch_p2p_comm off", related: [(run.overlap.overlapP2PPath, "on"), run.virtualPipelineRelated],
      fix: .unsafe("turn it off", (run.overlap.batchP2PPath, false)))
  }
}
