import Diagnostics

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
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_without_interleaving`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum PlainPipelineWithoutOverlap: Rule {
  static let code: DiagnosticCode = "PIPE-22"
  static let title = "only interleaved stages overlap their transfers"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

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
