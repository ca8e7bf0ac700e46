import Diagnostics
import LaunchModel

/// # MOE-11: a token's experts fit into its groups
///
/// ## What
/// With groups, each group is scored by its best `moe_router_topk / moe_router_group_topk` experts, rounded down. That
/// must be at most the experts of a group. Where it is 0, or where the chosen groups hold fewer than `moe_router_topk`
/// experts, routing runs but makes no sense.
///
/// ## Why
/// Megatron checks none of it: too many fail in the first routing, 0 gives every group the same score, and too few
/// groups let experts in that were masked out.
///
/// ## Example
/// ```yaml
/// model: {num_moe_experts: 64, moe_router_num_groups: 16, moe_router_group_topk: 1, moe_router_topk: 5}   # 4 a group
/// ```
///
/// ## Fix
/// Choose more groups, or fewer experts a token.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `moe/moe_utils.py`, `group_limited_topk`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum TopKWithinGroups: Rule {
  static let code: DiagnosticCode = "MOE-11"
  static let title = "a token's experts fit into its groups"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let (top, experts) = (run.architecture.moeRouterTopK, run.architecture.numMoEExperts)
    guard let chosen = model.moeRouterGroupTopK, chosen > 0, let groups = model.moeRouterNumGroups, run.hasMoELayer,
      experts % groups == 0, chosen <= groups, top <= experts
    else { return }
    let (size, scored) = (experts / groups, top / chosen)
    guard !fits(top: top, chosen: chosen, size: size) else { return }
    guard model.moeRouterLoadBalancingType.only != .sinkhorn else { return }
    let related: [RelatedField] = [
      run.topKRelated, run.expertsRelated, (Path.model.moeRouterNumGroups, "\(Help.count(groups, "group"))"),
    ]
    let path = Path.model.moeRouterGroupTopK
    if scored > size {
      report.error(
        at: path,
        """
        each group is scored by its best \(top) / \(chosen) = \(scored) experts, but \(experts) experts / \(groups) \
        groups \
        = \(size) a group
        """,
        help: "choose at least \(Help.count((top + size) / (size + 1), "group")), or fewer experts a token",
        related: related)
    } else if scored == 0 {
      report.warning(
        at: path,
        """
        each group is scored by its best \(top) / \(chosen) = 0 experts, so all groups score alike and the first \
        \(chosen) are taken
        """,
        help: "choose at most \(Help.count(top, "group"))", related: related)
    } else if top > chosen * size {
      report.warning(
        at: path,
        """
        \(Help.count(chosen, "group")) of \(size) experts hold \(chosen * size), fewer than the \(top) of a token: \
        the rest comes from groups that were not chosen
        """,
        help: "choose at least \(Help.count((top + size - 1) / size, "group"))", related: related)
    }
  }

  /// Whether routing makes sense with groups of so many experts, of which a token chooses so many.
  static func fits(top: Int, chosen: Int, size: Int) -> Bool {
    let scored = top / chosen
    return scored > 0 && scored <= size && top <= chosen * size
  }
}
