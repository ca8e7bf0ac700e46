import Diagnostics
import LaunchModel

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
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LimitedDevices: Rule {
  static let code: DiagnosticCode = "MOE-12"
  static let title = "moe_router_topk_limited_devices is deprecated"
  static let errorsDependOn: PlanAspects = .expert

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
    let related: [RelatedField] = [
      (Path.parallelism.expertModelParallelSize, "EP \(groups)"), run.topKRelated, run.expertsRelated,
    ]
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
