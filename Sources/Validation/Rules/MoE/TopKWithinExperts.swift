import Diagnostics
import LaunchModel

/// # MOE-06: a token has no more experts than there are
///
/// ## What
/// `moe_router_topk` is at most `num_moe_experts`.
///
/// ## Why
/// The model is built all the same; the first routing fails in `torch.topk`.
///
/// ## Example
/// ```yaml
/// model: {num_moe_experts: 8, moe_router_topk: 9}
/// ```
///
/// ## Fix
/// Take fewer.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `moe/moe_utils.py`, `topk_routing_with_score_function`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum TopKWithinExperts: Rule {
  static let code: DiagnosticCode = "MOE-06"
  static let title = "a token has no more experts than there are"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (top, experts) = (run.architecture.moeRouterTopK, run.architecture.numMoEExperts)
    guard run.hasMoELayer, top > experts else { return }
    report.error(
      at: Path.model.moeRouterTopK,
      "moe_router_topk \(top) is more than the \(Help.count(experts, "routed expert")) there are",
      help: "at most \(experts)", related: [run.expertsRelated])
  }
}
