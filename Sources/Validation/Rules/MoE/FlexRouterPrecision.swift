import Diagnostics
import LaunchModel

/// # MOE-23: DeepEP and HybridEP want fp32 scores
///
/// ## What
/// With the `flex` dispatcher, `moe_router_dtype` should be `fp32`: Megatron casts other formats in every step.
///
/// ## Why
/// Its kernels take fp32 alone.
///
/// ## Example
/// ```yaml
/// model: {moe_token_dispatcher_type: flex, moe_router_dtype: null}
/// ```
///
/// ## Fix
/// Write `fp32`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `moe/token_dispatcher.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum FlexRouterPrecision: Rule {
  static let code: DiagnosticCode = "MOE-23"
  static let title = "DeepEP and HybridEP want fp32 scores"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard run.hasMoELayer, model.moeTokenDispatcherType == .flex, model.moeRouterDataType != .fp32 else { return }
    report.note(
      at: Path.model.moeRouterDataType,
      """
      the flex dispatcher takes fp32 scores: Megatron casts them from \
      \(model.moeRouterDataType?.rawValue ?? "the model's format") in every step
      """,
      help: "write fp32", related: [run.dispatcherRelated])
  }
}
