import Diagnostics
import LaunchModel

/// # COMM-02: `comm_overlap` decides how stages communicate
///
/// ## What
/// Where `comm_overlap` is present, `overlap_p2p_comm` and `batch_p2p_comm` of `model` are overwritten: overlap with
/// virtual stages, batches without, neither without a pipeline, unless `comm_overlap` says otherwise itself.
///
/// ## Why
/// What is written in `model` has no effect.
///
/// ## Example
/// ```yaml
/// model: {overlap_p2p_comm: true}
/// comm_overlap: {tp_comm_overlap: false}
/// ```
///
/// ## Fix
/// Write it in `comm_overlap`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_model_comm_overlap_cfgs`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum StageTransfersAreRewritten: Rule {
  static let code: DiagnosticCode = "COMM-02"
  static let title = "`comm_overlap` decides how stages communicate"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.pipeline > 1, run.overlap.isFromSection else { return }
    let effective = run.overlap.effective
    let model = run.config.model
    for (path, written, value, section) in [
      (Path.model.overlapP2PComm, model.overlapP2PComm, effective.overlapP2PComm, Path.commOverlap.overlapP2PComm),
      (Path.model.batchP2PComm, model.batchP2PComm, effective.batchP2PComm, Path.commOverlap.batchP2PComm),
    ] where written != value && isChosen(path, run) {
      report.note(
        at: path, "`\(path)` \(written) has no effect: `comm_overlap` makes it \(value)",
        related: [(section, "decides")],
        fix: .safe("write \(value) here as well", (path, .bool(value))))
    }
  }

  /// Megatron's defaults stand in every emitted config; only another value is somebody's choice.
  private static func isChosen(_ path: FieldPath, _ run: RunFacts) -> Bool {
    path == Path.model.overlapP2PComm ? run.config.model.overlapP2PComm : !run.config.model.batchP2PComm
  }
}
