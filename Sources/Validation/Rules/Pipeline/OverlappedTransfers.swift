import Diagnostics
import LaunchModel

/// # PIPE-22: only interleaved stages overlap their transfers
///
/// ## What
/// With a pipeline and no virtual stages, `overlap_p2p_comm` must be false. Where `comm_overlap` leaves it null,
/// Megatron-Bridge chooses rightly.
///
/// ## Why
/// The plain schedule has nothing to hide a transfer behind, and refuses in the first step.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 4}
/// comm_overlap: {overlap_p2p_comm: true}
/// ```
///
/// ## Fix
/// Write null.
///
/// ## Source
/// megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_without_interleaving`.
enum PlainPipelineWithoutOverlap: Rule {
  static let code: DiagnosticCode = "PIPE-22"
  static let title = "only interleaved stages overlap their transfers"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.pipeline > 1, run.virtualPipelineSize == nil, run.overlap.overlapP2P,
      run.layoutError == nil
    else { return }
    let path = run.overlap.overlapP2PPath
    report.error(
      at: path,
      """
      overlap_p2p_comm is on, but with PP \(run.sizes.pipeline) and no virtual stages there is nothing to overlap \
      with
      """,
      help: run.overlap.isFromSection ? "write null: Megatron-Bridge then chooses" : "turn it off",
      related: [run.pipelineRelated, run.virtualPipelineRelated],
      fix: .safe("turn it off", (path, false)))
  }
}

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
/// megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_with_interleaving`.
enum OverlapExcludesBatching: Rule {
  static let code: DiagnosticCode = "PIPE-23"
  static let title = "transfers are overlapped or batched, not both"

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

/// # PIPE-24: overlap while the pipeline fills and drains
///
/// ## What
/// `overlap_p2p_comm_warmup_flush` needs `overlap_p2p_comm` on and `batch_p2p_comm` off, as they are after
/// `comm_overlap` has had its say: that is, an interleaved pipeline.
///
/// ## Why
/// It extends the overlap to the schedule's beginning and end.
///
/// ## Example
/// ```yaml
/// model: {overlap_p2p_comm_warmup_flush: true}   # without virtual stages
/// ```
///
/// ## Fix
/// Turn it off.
///
/// ## Source
/// megatron-core 0.16.1 `model_parallel_config.py`, `__post_init__`.
enum WarmupFlushNeedsOverlap: Rule {
  static let code: DiagnosticCode = "PIPE-24"
  static let title = "overlap while the pipeline fills and drains"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.overlapP2PCommWarmupFlush, !run.overlap.overlapP2P || run.overlap.batchP2P else { return }
    let path = Path.model.overlapP2PCommWarmupFlush
    report.error(
      at: path,
      """
      overlap_p2p_comm_warmup_flush needs overlap_p2p_comm on and batch_p2p_comm off, but they are \
      \(run.overlap.overlapP2P ? "on" : "off") and \(run.overlap.batchP2P ? "on" : "off")\
      \(run.overlap.isFromSection ? " after comm_overlap" : "")
      """,
      help: "turn it off; with virtual stages Megatron-Bridge sets the other two so",
      related: [
        (run.overlap.overlapP2PPath, run.overlap.overlapP2P ? "on" : "off"),
        (run.overlap.batchP2PPath, run.overlap.batchP2P ? "on" : "off"), run.virtualPipelineRelated,
      ],
      fix: .unsafe("turn it off", (path, false)))
  }
}
