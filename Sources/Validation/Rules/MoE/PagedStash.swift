import Diagnostics
import LaunchModel
import Releases

/// # MOE-39: stashed activations have a budget
///
/// ## What
/// `moe_paged_stash` needs `moe_expert_rank_capacity_factor`, excludes `cpu_offloading`, and `offload_modules` must not hold
/// `expert_fc1`, `moe_act` or `fused_group_mlp`.
///
/// ## Why
/// The stash is of that capacity, and already holds what these would move.
///
/// ## Example
/// ```yaml
/// model: {moe_paged_stash: true, moe_expert_rank_capacity_factor: null}
/// ```
///
/// ## Fix
/// Remove it, or set the factor.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum PagedStash: Rule {
  static let code: DiagnosticCode = "MOE-39"
  static let title = "stashed activations have a budget"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let path = FieldPath("model", "moe_paged_stash")
    guard !model.storage.carried.isEmpty, model.isOn(path.field) else { return }
    let fix = FieldFix.unsafe("remove it", (path, nil))
    if model.cpuOffloading {
      report.error(
        at: path, "activations are to be stashed, and offloaded by layers as well", help: "remove one of the two",
        related: [(Path.model.cpuOffloading, "on")], fix: fix)
    }
    let factor = ExpertRankCapacity.path
    if !model.isSet(factor.field) {
      report.error(
        at: path, "activations are stashed up to a rank's capacity, but `\(name: factor)` is null",
        help: "set it, or remove this", related: [(factor, "null")], fix: fix)
    }
    let stashed = model.words(OffloadedActivations.modulesPath.field).filter {
      ["expert_fc1", "moe_act", "fused_group_mlp"].contains($0)
    }
    if let module = stashed.first {
      report.error(
        at: OffloadedActivations.modulesPath, "`\(module)` is stashed already", help: "leave it out",
        related: [(path, "on")])
    }
  }
}
