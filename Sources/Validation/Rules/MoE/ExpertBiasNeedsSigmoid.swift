import Diagnostics
import LaunchModel

/// # MOE-08: the expert bias goes with sigmoid scores
///
/// ## What
/// `moe_router_enable_expert_bias` needs `moe_router_score_function: sigmoid`, or `sqrtsoftplus`, which 0.5.1 brought.
///
/// ## Why
/// Auxiliary-loss-free balancing adds the bias to scores that stand for themselves, not to shares.
///
/// ## Example
/// ```yaml
/// model: {moe_router_enable_expert_bias: true, moe_router_score_function: softmax}
/// ```
///
/// ## Fix
/// Use `sigmoid`, as DeepSeek-V3 and Moonlight do, or turn the bias off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertBiasNeedsSigmoid: Rule {
  static let code: DiagnosticCode = "MOE-08"
  static let title = "the expert bias goes with sigmoid scores"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.moeRouterEnableExpertBias, !model.moeRouterScoreFunction.isOfOneExpert else { return }
    report.error(
      at: Path.model.moeRouterEnableExpertBias,
      """
      the expert bias is added to scores that stand for themselves, but moe_router_score_function is \
      \(model.moeRouterScoreFunction.rawValue)
      """,
      help: "use sigmoid, or turn the bias off",
      related: [(Path.model.moeRouterScoreFunction, "\(model.moeRouterScoreFunction.rawValue)")],
      fix: .unsafe("turn the bias off", (Path.model.moeRouterEnableExpertBias, false)))
  }
}
