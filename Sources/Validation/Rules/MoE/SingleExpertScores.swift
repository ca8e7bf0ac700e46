import Diagnostics
import LaunchModel

/// # MOE-07: one expert a token needs scores before the choice
///
/// ## What
/// With `moe_router_topk: 1` and the `softmax` score function, `moe_router_pre_softmax` must be on (unless the load is
/// balanced by `sinkhorn`).
///
/// ## Why
/// A softmax over the one chosen score is 1 whatever the score, and has no gradient.
///
/// ## Example
/// ```yaml
/// model: {moe_router_topk: 1, moe_router_score_function: softmax, moe_router_pre_softmax: false}
/// ```
///
/// ## Fix
/// Turn it on, or use `sigmoid`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SingleExpertScores: Rule {
  static let code: DiagnosticCode = "MOE-07"
  static let title = "one expert a token needs scores before the choice"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard run.architecture.moeRouterTopK == 1, model.moeRouterScoreFunction == .softmax, !model.moeRouterPreSoftmax,
      model.moeRouterLoadBalancingType.only != .sinkhorn
    else { return }
    report.error(
      at: Path.model.moeRouterPreSoftmax,
      "with moe_router_topk 1 a softmax behind the choice has no gradient: moe_router_pre_softmax must be on",
      help: "turn it on, or use the sigmoid score function",
      related: [run.topKRelated, (Path.model.moeRouterScoreFunction, "softmax")],
      fix: .unsafe("turn it on", (Path.model.moeRouterPreSoftmax, true)))
  }
}
