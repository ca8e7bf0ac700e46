import Diagnostics
import LaunchModel

/// # MOE-09: groups of experts
///
/// ## What
/// With `moe_router_group_topk`, there must be experts, `moe_router_num_groups` must be set and divide them, and
/// `moe_router_group_topk` is at most `moe_router_num_groups`. Without it `moe_router_num_groups` has no effect.
///
/// ## Why
/// A token first chooses groups, then experts within them.
///
/// ## Example
/// ```yaml
/// model: {num_moe_experts: 64, moe_router_num_groups: 5, moe_router_group_topk: 2}   # 12.8 experts a group
/// ```
///
/// ## Fix
/// Take a number of groups that divides the experts. Moonlight has one group.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum ExpertGroups: Rule {
  static let code: DiagnosticCode = "MOE-09"
  static let title = "groups of experts"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    // MOE-12 speaks where the deprecated field stands beside it.
    guard let chosen = model.moeRouterGroupTopK, chosen > 0, model.moeRouterTopKLimitedDevices ?? 0 == 0 else { return }
    let path = Path.model.moeRouterGroupTopK
    guard let groups = model.moeRouterNumGroups else {
      return report.error(
        at: path, "moe_router_group_topk is \(chosen), but moe_router_num_groups is null",
        help: "say how many groups there are, or write null", related: [(Path.model.moeRouterNumGroups, "null")],
        fix: .unsafe("write null", (path, .null)))
    }
    let groupsRelated = (Path.model.moeRouterNumGroups, Help.count(groups, "group"))
    guard let experts = model.numMoEExperts else {
      return report.error(
        at: path, "moe_router_group_topk chooses among groups of experts, but num_moe_experts is null",
        help: "write null",
        related: [run.expertsRelated], fix: .unsafe("write null", (path, .null)))
    }
    if experts % groups != 0 {
      report.error(
        at: Path.model.moeRouterNumGroups,
        """
        \(experts) routed experts / \(Help.count(groups, "group")) = \(Help.quotient(experts, groups)), no whole \
        number
        """,
        help: "groups that divide \(experts) experts: \(Help.divisors(of: experts, near: groups))",
        related: [run.expertsRelated, (path, "\(chosen)")])
    } else if chosen > groups {
      report.error(
        at: path, "moe_router_group_topk \(chosen) is more than the \(Help.count(groups, "group")) there are",
        help: "at most \(groups)", related: [groupsRelated])
    }
  }
}

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
/// megatron-core 0.16.1 `moe/moe_utils.py`, `group_limited_topk`.
enum TopKWithinGroups: Rule {
  static let code: DiagnosticCode = "MOE-11"
  static let title = "a token's experts fit into its groups"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let (top, experts) = (run.architecture.moeRouterTopK, run.architecture.numMoEExperts)
    guard let chosen = model.moeRouterGroupTopK, chosen > 0, let groups = model.moeRouterNumGroups, run.hasMoELayer,
      experts % groups == 0, chosen <= groups, top <= experts, model.moeRouterLoadBalancingType != .one(.sinkhorn)
    else { return }
    let (size, scored) = (experts / groups, top / chosen)
    guard scored > size || scored == 0 || top > chosen * size else { return }
    let related = [
      run.topKRelated, run.expertsRelated, (Path.model.moeRouterNumGroups, Help.count(groups, "group")),
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
}

/// # MOE-12: moe_router_topk_limited_devices is deprecated
///
/// ## What
/// `moe_router_topk_limited_devices` cannot stand beside `moe_router_group_topk`. Alone it becomes that, with EP
/// groups.
///
/// ## Why
/// Groups took the place of devices.
///
/// ## Example
/// ```yaml
/// model: {moe_router_topk_limited_devices: 2, moe_router_group_topk: 2}
/// ```
///
/// ## Fix
/// Write `moe_router_group_topk` and `moe_router_num_groups`.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum LimitedDevices: Rule {
  static let code: DiagnosticCode = "MOE-12"
  static let title = "moe_router_topk_limited_devices is deprecated"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard let devices = model.moeRouterTopKLimitedDevices, devices > 0 else { return }
    let path = Path.model.moeRouterTopKLimitedDevices
    if let chosen = model.moeRouterGroupTopK, chosen > 0 {
      return report.error(
        at: path, "moe_router_topk_limited_devices is the old name of moe_router_group_topk, which is set as well",
        help: "write null", related: [(Path.model.moeRouterGroupTopK, "\(chosen)")],
        fix: .unsafe("write null", (path, .null)))
    }
    // Megatron puts the groups in only after its own checks, so what does not fit fails in the first routing.
    let (top, experts, groups) = (run.architecture.moeRouterTopK, run.architecture.numMoEExperts, run.sizes.expert)
    let related = [(Path.parallelism.expertModelParallelSize, "EP \(groups)"), run.topKRelated, run.expertsRelated]
    if run.hasMoELayer, experts % groups == 0, devices > groups || top / devices > experts / groups {
      return report.error(
        at: path,
        devices > groups
          ? """
          moe_router_topk_limited_devices becomes moe_router_group_topk \(devices), more than the EP \(groups) \
          groups
          """
          : """
          each of EP \(groups) groups is scored by its best \(top) / \(devices) = \(top / devices) experts, but \
          holds \(experts / groups)
          """,
        help: "write moe_router_group_topk and moe_router_num_groups", related: related)
    }
    report.note(
      at: path, "Megatron sets moe_router_group_topk to \(devices) and moe_router_num_groups to EP \(groups)",
      help: "write these two instead", related: related)
  }
}
