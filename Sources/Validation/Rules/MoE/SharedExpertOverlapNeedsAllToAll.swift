import Diagnostics
import LaunchModel

/// # MOE-18: only alltoall overlaps shared experts
///
/// ## What
/// With shared experts, `moe_shared_expert_overlap` needs `moe_token_dispatcher_type: alltoall`.
///
/// ## Why
/// The shared experts run while that dispatcher's tokens travel; the others have no such place.
///
/// ## Example
/// ```yaml
/// model: {moe_token_dispatcher_type: flex, moe_shared_expert_overlap: true}
/// ```
///
/// ## Fix
/// Turn the overlap off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SharedExpertOverlapNeedsAllToAll: Rule {
  static let code: DiagnosticCode = "MOE-18"
  static let title = "only alltoall overlaps shared experts"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let takesFlex = run.release.flexOverlapsSharedExperts
    guard run.hasSharedExperts, model.moeSharedExpertOverlap, model.moeTokenDispatcherType != .alltoall,
      !takesFlex || model.moeTokenDispatcherType != .flex
    else { return }
    report.error(
      at: Path.model.moeSharedExpertOverlap,
      """
      moe_shared_expert_overlap works with the \(takesFlex ? "alltoall or flex" : "alltoall") dispatcher only, but it is \
      \(model.moeTokenDispatcherType.rawValue)
      """,
      help: "turn it off", related: [run.dispatcherRelated, run.sharedExpertsRelated],
      fix: .safe("turn it off", (Path.model.moeSharedExpertOverlap, false)))
  }
}
