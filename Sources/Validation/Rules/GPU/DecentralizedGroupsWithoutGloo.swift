import Diagnostics
import LaunchModel

/// # GPU-12: decentralized process groups exclude gloo
///
/// ## What
/// `dist.use_decentralized_pg` needs `dist.use_gloo_process_groups: false`.
///
/// ## Why
/// Groups that are passed explicitly exist for NCCL only.
///
/// ## Example
/// ```yaml
/// dist: {use_decentralized_pg: true}   # use_gloo_process_groups is true by default
/// ```
///
/// ## Fix
/// Turn the gloo groups off.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum DecentralizedGroupsWithoutGloo: Rule {
  static let code: DiagnosticCode = "GPU-12"
  static let title = "decentralized process groups exclude gloo"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.dist.useDecentralizedPG, run.config.dist.useGlooProcessGroups else { return }
    report.error(
      at: Path.dist.useDecentralizedPG,
      "decentralized process groups are NCCL's alone, but use_gloo_process_groups is on",
      help: "turn use_gloo_process_groups off", related: [(Path.dist.useGlooProcessGroups, "on")],
      fix: .unsafe("turn gloo off", (Path.dist.useGlooProcessGroups, false)))
  }
}
