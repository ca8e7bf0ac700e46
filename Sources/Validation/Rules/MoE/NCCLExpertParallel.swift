import Diagnostics
import LaunchModel
import Releases

/// # MOE-44: NCCL's dispatch has a budget
///
/// ## What
/// `moe_flex_dispatcher_backend: ncclep` needs `moe_token_dispatcher_type: flex`, and in a MoE layer
/// `moe_expert_rank_capacity_factor`. With `overlap_moe_expert_parallel_comm` `expert_fc1` is not offloaded.
///
/// ## Why
/// NCCL's buffers are made once, of that capacity; tokens beyond it end the run.
///
/// ## Example
/// ```yaml
/// model: {moe_flex_dispatcher_backend: ncclep, moe_token_dispatcher_type: alltoall}
/// ```
///
/// ## Fix
/// Write `flex` and a generous factor, or take another backend.
///
/// ## Source
/// - 0.6.2: megatron-core 0.19.2 `transformer/transformer_config.py`, `__post_init__`; `transformer/moe/token_dispatcher.py`.
enum NCCLExpertParallel: Rule {
  static let code: DiagnosticCode = "MOE-44"
  static let title = "NCCL's dispatch has a budget"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.moeFlexDispatcherBackend == .ncclep, !model.moeEnableDeepEP else { return }
    let path = Path.model.moeFlexDispatcherBackend
    guard model.moeTokenDispatcherType == .flex else {
      return report.error(
        at: path, "ncclep belongs to the flex dispatcher, but it is \(model.moeTokenDispatcherType.rawValue)",
        help: "write flex", related: [run.dispatcherRelated],
        fix: .unsafe("use the flex dispatcher", (Path.model.moeTokenDispatcherType, "flex")))
    }
    let factor = ExpertRankCapacity.path
    if run.hasMoELayer, !model.isSet(factor.field) {
      report.error(
        at: path, "NCCL's buffers hold a rank's capacity, but `\(name: factor)` is null",
        help: "tokens beyond it end the run: set it generously", related: [(factor, "null")])
    }
    if run.overlap.overlapMoE, model.fineGrainedActivationOffloading,
      model.words(OffloadedActivations.modulesPath.field).contains("expert_fc1")
    {
      report.error(
        at: OffloadedActivations.modulesPath, "with ncclep the overlap frees what `expert_fc1` would offload",
        related: [(run.overlap.overlapMoEPath, "on"), (path, "ncclep")])
    }
  }
}
