import Diagnostics
import LaunchModel

/// # COMM-01: tensor-parallel overlap needs sequence parallelism
///
/// ## What
/// `comm_overlap.tp_comm_overlap` is switched off where TP is 1 or `sequence_parallel` is off.
///
/// ## Why
/// The overlapped collectives are those of sequence parallelism.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 1}
/// comm_overlap: {tp_comm_overlap: true}
/// ```
///
/// ## Fix
/// Switch it off.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_model_comm_overlap_cfgs`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum TensorOverlapIsSwitchedOff: Rule {
  static let code: DiagnosticCode = "COMM-01"
  static let title = "tensor-parallel overlap needs sequence parallelism"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let overlap = run.config.commOverlap
    guard overlap.isPresent, overlap.tpCommOverlap, !run.overlap.effective.tpCommOverlap else { return }
    let isAlone = run.sizes.tensor < 2
    report.note(
      at: Path.commOverlap.tpCommOverlap,
      "Megatron-Bridge switches `tp_comm_overlap` off: \(isAlone ? "TP is 1" : "`sequence_parallel` is off")",
      related: [
        isAlone
          ? (Path.parallelism.tensorModelParallelSize, "TP 1") : (Path.parallelism.sequenceParallel, "off")
      ], fix: .safe("switch it off", (Path.commOverlap.tpCommOverlap, .bool(false))))
  }
}
