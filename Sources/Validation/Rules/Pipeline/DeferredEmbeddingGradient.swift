import Diagnostics
import LaunchModel

/// # PIPE-26: the head's weight gradient is put off on a pipeline
///
/// ## What
/// `defer_embedding_wgrad_compute` needs `pipeline_model_parallel_size` above 1, `gradient_accumulation_fusion`, and a
/// `wgrad_deferral_limit` of at least 0. Where `comm_overlap` is present its fields count, and its limit is -1 unless
/// written.
///
/// ## Why
/// The gradient is computed while the pipeline drains.
///
/// ## Example
/// ```yaml
/// comm_overlap: {defer_embedding_wgrad_compute: true}   # the limit is then -1
/// ```
///
/// ## Fix
/// Write the limit, or turn it off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `model_parallel_config.py`, `__post_init__`; megatron-bridge 0.3.1
///   `training/comm_overlap.py`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
enum DeferredEmbeddingGradient: Rule {
  static let code: DiagnosticCode = "PIPE-26"
  static let title = "the head's weight gradient is put off on a pipeline"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.overlap.deferEmbeddingWgrad else { return }
    let path = run.overlap.deferEmbeddingWgradPath
    if run.sizes.pipeline == 1 {
      report.error(
        at: path, "defer_embedding_wgrad_compute waits for the pipeline to drain, but PP is 1", help: "turn it off",
        related: [run.pipelineRelated], fix: .safe("turn it off", (path, false)))
    } else if !run.config.model.gradientAccumulationFusion {
      report.error(
        at: path, "defer_embedding_wgrad_compute needs gradient_accumulation_fusion, which is off",
        help: "turn one of them on, or the other off", related: [(Path.model.gradientAccumulationFusion, "off")],
        fix: .unsafe("turn it off", (path, false)))
    } else if run.overlap.wgradDeferralLimit < 0 {
      report.error(
        at: path,
        """
        defer_embedding_wgrad_compute needs a wgrad_deferral_limit of at least 0, but it is \
        \(run.overlap.wgradDeferralLimit)
        """,
        help: "write 0 to put all of them off",
        related: [(run.overlap.wgradDeferralLimitPath, "\(run.overlap.wgradDeferralLimit)")],
        fix: .unsafe("write 0", (run.overlap.wgradDeferralLimitPath, 0)))
    }
  }
}
