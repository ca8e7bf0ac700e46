import Diagnostics
import LaunchModel

/// # MOE-35: scores on the input are for one expert a token
///
/// ## What
/// `moe_apply_probs_on_input` needs `moe_router_topk: 1`.
///
/// ## Why
/// The score can be multiplied into a token before its expert only where there is one expert; Megatron refuses in the
/// first step.
///
/// ## Example
/// ```yaml
/// model: {moe_apply_probs_on_input: true, moe_router_topk: 6}
/// ```
///
/// ## Fix
/// Turn it off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `moe/experts.py`, `forward`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ScoresOnInput: Rule {
  static let code: DiagnosticCode = "MOE-35"
  static let title = "scores on the input are for one expert a token"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let path = FieldPath("model", "moe_apply_probs_on_input")
    guard run.hasMoELayer, run.architecture.moeRouterTopK != 1, run.config.model.carried(path.field) == .bool(true)
    else { return }
    report.error(
      at: path, "the score goes into the input of one expert, but a token has \(run.architecture.moeRouterTopK)",
      help: "turn it off", related: [run.topKRelated], fix: .unsafe("turn it off", (path, false)))
  }
}
