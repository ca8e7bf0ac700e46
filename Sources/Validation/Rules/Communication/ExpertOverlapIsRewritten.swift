import Diagnostics
import LaunchModel

/// # COMM-08: `comm_overlap` decides what the model overlaps
///
/// ## What
/// Where `comm_overlap` is present, `overlap_moe_expert_parallel_comm`, `delay_wgrad_compute`,
/// `defer_embedding_wgrad_compute`, `wgrad_deferral_limit` and `tp_comm_overlap` of `model` are overwritten: by what
/// `comm_overlap` says, and off where it says nothing.
///
/// ## Why
/// What is written in `model` has no effect: the run communicates as if it were not there.
///
/// ## Example
/// ```yaml
/// model: {overlap_moe_expert_parallel_comm: true}
/// comm_overlap: {tp_comm_overlap: false}
/// ```
///
/// ## Fix
/// Write it in `comm_overlap`. Overlapped experts exclude overlapped shared experts (MOE-31).
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_model_comm_overlap_cfgs`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum ExpertOverlapIsRewritten: Rule {
  static let code: DiagnosticCode = "COMM-08"
  static let title = "`comm_overlap` decides what the model overlaps"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.overlap.isFromSection else { return }
    let (model, effective) = (run.config.model, run.overlap.effective)
    // Megatron's defaults stand in every emitted config; only a wish that is not granted is worth a word.
    if model.overlapMoEExpertParallelComm, !effective.overlapMoEExpertParallelComm {
      warn(Path.model.overlapMoEExpertParallelComm, Path.commOverlap.overlapMoEExpertParallelComm, &report)
    }
    if model.delayWgradCompute, !effective.delayWgradCompute {
      warn(Path.model.delayWgradCompute, Path.commOverlap.delayWgradCompute, &report)
    }
    if model.deferEmbeddingWgradCompute, !effective.deferEmbeddingWgradCompute {
      warn(Path.model.deferEmbeddingWgradCompute, Path.commOverlap.deferEmbeddingWgradCompute, &report)
    }
    if model.tpCommOverlap, !effective.tpCommOverlap {
      warn(Path.model.tpCommOverlap, Path.commOverlap.tpCommOverlap, &report)
    }
    guard effective.deferEmbeddingWgradCompute, model.isWritten(\.wgradDeferralLimit),
      model.wgradDeferralLimit != effective.wgradDeferralLimit
    else { return }
    report.warning(
      at: Path.model.wgradDeferralLimit,
      """
      `\(Path.model.wgradDeferralLimit)` \(model.wgradDeferralLimit) has no effect: `comm_overlap` makes it \
      \(effective.wgradDeferralLimit)
      """,
      help: "write it in `comm_overlap`", related: [(Path.commOverlap.wgradDeferralLimit, "decides")])
  }

  private static func warn(_ path: FieldPath, _ section: FieldPath, _ report: inout Report) {
    report.warning(
      at: path, "`\(path)` true has no effect: `comm_overlap` makes it false", help: "write it in `comm_overlap`",
      related: [(section, "decides")],
      fix: .unsafe("write it there", (section, .bool(true)), (path, .bool(false))))
  }
}
