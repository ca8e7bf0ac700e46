import Diagnostics
import LaunchModel

/// # MOE-32: putting weight gradients off needs the overlapped all-to-all
///
/// ## What
/// `delay_wgrad_compute` needs `overlap_moe_expert_parallel_comm`, and excludes `moe_use_legacy_grouped_gemm`.
/// `ep_overlap_early_attn_memory_release` needs it as well.
///
/// ## Why
/// The gradients are computed while the tokens travel.
///
/// ## Example
/// ```yaml
/// comm_overlap: {delay_wgrad_compute: true}
/// ```
///
/// ## Fix
/// Turn the overlap on, or this off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1
///   `training/comm_overlap.py`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
enum DelayedWeightGradients: Rule {
  static let code: DiagnosticCode = "MOE-32"
  static let title = "putting weight gradients off needs the overlapped all-to-all"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let release = FieldPath("model", "ep_overlap_early_attn_memory_release")
    if run.config.model.carried(release.field) == .bool(true), !run.overlap.overlapMoE {
      report.error(
        at: release, "`\(name: release)` belongs to overlap_moe_expert_parallel_comm, which is off",
        help: "turn both on or both off", related: [(run.overlap.overlapMoEPath, "off")],
        fix: .unsafe("turn it off", (release, false)))
    }
    guard run.overlap.delayWgrad else { return }
    let path = run.overlap.delayWgradPath
    if !run.overlap.overlapMoE {
      report.error(
        at: path, "delay_wgrad_compute hides the experts' all-to-all, but overlap_moe_expert_parallel_comm is off",
        help: "turn both on or both off", related: [(run.overlap.overlapMoEPath, "off")],
        fix: .unsafe("turn it off", (path, false)))
    } else if run.config.model.moeUseLegacyGroupedGEMM, !(run.hasMoELayer && run.config.model.moeGroupedGEMM) {
      report.error(
        at: path, "delay_wgrad_compute does not work with moe_use_legacy_grouped_gemm", help: "turn the latter off",
        related: [(Path.model.moeUseLegacyGroupedGEMM, "on")],
        fix: .unsafe("turn it off", (Path.model.moeUseLegacyGroupedGEMM, false)))
    }
  }
}
