import Diagnostics
import LaunchModel
import Topology

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
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertGroups: Rule {
  static let code: DiagnosticCode = "MOE-09"
  static let title = "groups of experts"
  static let errorsDependOn: PlanAspects = []

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
    let groupsRelated: RelatedField = (Path.model.moeRouterNumGroups, "\(Help.count(groups, "group"))")
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
        help: "groups that divide \(experts) experts: \(offered(experts, near: groups, chosen: chosen, run))",
        related: [run.expertsRelated, (path, "\(chosen)")])
    } else if chosen > groups {
      report.error(
        at: path, "moe_router_group_topk \(chosen) is more than the \(Help.count(groups, "group")) there are",
        help: "at most \(groups)", related: [groupsRelated])
    }
  }

  /// The nearest numbers of groups that hold the experts of a token as well, or where no number does, that divide the
  /// experts alone.
  private static func offered(_ experts: Int, near groups: Int, chosen: Int, _ run: RunFacts) -> String {
    let top = run.architecture.moeRouterTopK
    let fitting = (experts > 0 ? divisors(of: experts) : []).filter {
      $0 >= chosen && TopKWithinGroups.fits(top: top, chosen: chosen, size: experts / $0)
    }
    guard !fitting.isEmpty else { return Help.divisors(of: experts, near: groups) }
    return Help.list([fitting.last { $0 <= groups }, fitting.first { $0 >= groups }].compactMap { $0 })
  }
}
