import Diagnostics
import LaunchModel

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
/// - 0.3.1: megatron-core 0.16.1 `model_parallel_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum WarmupFlushNeedsOverlap: Rule {
  static let code: DiagnosticCode = "PIPE-24"
  static let title = "overlap while the pipeline fills and drains"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

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
