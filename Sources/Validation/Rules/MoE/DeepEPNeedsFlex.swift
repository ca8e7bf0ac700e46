import Diagnostics
import LaunchModel

/// # MOE-17: moe_enable_deepep goes with the flex dispatcher
///
/// ## What
/// `moe_enable_deepep`, which is deprecated, needs `moe_token_dispatcher_type: flex` and a
/// `moe_flex_dispatcher_backend` other than `hybridep`.
///
/// ## Why
/// DeepEP is one of the two backends of that dispatcher.
///
/// ## Example
/// ```yaml
/// model: {moe_enable_deepep: true, moe_token_dispatcher_type: alltoall}
/// ```
///
/// ## Fix
/// Write `moe_token_dispatcher_type: flex`, with `moe_shared_expert_overlap: false`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum DeepEPNeedsFlex: Rule {
  static let code: DiagnosticCode = "MOE-17"
  static let title = "moe_enable_deepep goes with the flex dispatcher"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.moeEnableDeepEP else { return }
    let path = Path.model.moeEnableDeepEP
    if model.moeTokenDispatcherType != .flex {
      // The flex dispatcher has nothing to do on one GPU, as MOE-19 says.
      let canBeFlex = run.sizes.expertTensor * run.sizes.expert > 1
      report.error(
        at: path,
        "moe_enable_deepep needs moe_token_dispatcher_type flex, but it is \(model.moeTokenDispatcherType.rawValue)",
        help: canBeFlex
          ? "write flex, and turn moe_shared_expert_overlap off"
          : "turn it off: experts that are all on one GPU need no dispatcher", related: [run.dispatcherRelated],
        fix: canBeFlex
          ? .unsafe(
            "use the flex dispatcher", (Path.model.moeTokenDispatcherType, "flex"),
            (Path.model.moeSharedExpertOverlap, false)) : .unsafe("turn it off", (path, false)))
    } else if model.moeFlexDispatcherBackend == .hybridep {
      report.error(
        at: path, "moe_enable_deepep asks for DeepEP, but moe_flex_dispatcher_backend is hybridep",
        help: "turn it off: the backend is chosen by moe_flex_dispatcher_backend",
        related: [(Path.model.moeFlexDispatcherBackend, "hybridep")], fix: .unsafe("turn it off", (path, false)))
    }
  }
}
