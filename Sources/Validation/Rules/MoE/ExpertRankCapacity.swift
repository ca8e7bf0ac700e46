import Diagnostics
import LaunchModel
import Releases

/// # MOE-38: the capacity of a rank needs a dispatcher that keeps to it
///
/// ## What
/// `moe_expert_rank_capacity_factor` needs the backend `hybridep`, in 0.6.2 `hybridep` or `ncclep`, and with `hybridep`
/// `use_transformer_engine_op_fuser`.
///
/// ## Why
/// The receiving buffer has one size, whatever the routing; the other backends size it by the tokens that come.
///
/// ## Example
/// ```yaml
/// model: {moe_expert_rank_capacity_factor: 1.5, moe_flex_dispatcher_backend: deepep}
/// ```
///
/// ## Fix
/// Remove it, or take `hybridep`.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertRankCapacity: Rule {
  static let code: DiagnosticCode = "MOE-38"
  static let title = "the capacity of a rank needs a dispatcher that keeps to it"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static let path = FieldPath("model", "moe_expert_rank_capacity_factor")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard !model.storage.carried.isEmpty, model.isSet(path.field) else { return }
    let fix = FieldFix.unsafe("remove it", (path, nil))
    switch model.moeEnableDeepEP ? .deepep : model.moeFlexDispatcherBackend {
    case .deepep:
      report.error(
        at: path, "the capacity of a rank is kept by `hybridep`, not by `deepep`", help: "remove it",
        related: [(Path.model.moeFlexDispatcherBackend, "deepep")], fix: fix)
    case .hybridep where !model.isOn(FusedExperts.path.field):
      report.error(
        at: path, "with `hybridep` the capacity of a rank needs `\(name: FusedExperts.path)`",
        help: "switch that on, or remove this",
        related: [(FusedExperts.path, "off"), (Path.model.moeFlexDispatcherBackend, "hybridep")],
        fix: fix)
    case .hybridep, .ncclep: return
    }
  }
}
