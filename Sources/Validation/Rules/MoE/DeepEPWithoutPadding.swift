import Diagnostics
import LaunchModel

/// # MOE-22: DeepEP does not pad experts to their capacity
///
/// ## What
/// With the `flex` dispatcher on DeepEP, `moe_pad_expert_input_to_capacity` must be off.
///
/// ## Why
/// Its kernels send the tokens that there are. HybridEP can pad.
///
/// ## Example
/// ```yaml
/// model: {moe_token_dispatcher_type: flex, moe_pad_expert_input_to_capacity: true}
/// ```
///
/// ## Fix
/// Turn the padding off, or use `hybridep`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum DeepEPWithoutPadding: Rule {
  static let code: DiagnosticCode = "MOE-22"
  static let title = "DeepEP does not pad experts to their capacity"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.moeTokenDispatcherType == .flex, model.moePadExpertInputToCapacity,
      model.moeEnableDeepEP || model.moeFlexDispatcherBackend == .deepep
    else { return }
    report.error(
      at: Path.model.moePadExpertInputToCapacity,
      "the flex dispatcher on DeepEP cannot pad experts to their capacity", help: "turn it off, or use hybridep",
      related: [run.dispatcherRelated, (Path.model.moeFlexDispatcherBackend, "deepep")],
      fix: .unsafe("turn it off", (Path.model.moePadExpertInputToCapacity, false)))
  }
}
