import Diagnostics
import LaunchModel

/// # GPU-10: the group that reduces in the network
///
/// ## What
/// `dist.sharp_enabled_group` is `dp` or `dp_replica`, is set only with `dist.use_sharp`, and is `dp_replica` only with
/// more than one distributed optimizer instance. From 0.6.2 on, `use_sharp` works for `dp_replica` alone.
///
/// ## Why
/// Only the first group that is made can use NCCL's CollNet, so Megatron must know which one that is to be.
///
/// ## Example
/// ```yaml
/// dist: {sharp_enabled_group: dp}   # without use_sharp: true
/// ```
///
/// ## Fix
/// Turn `use_sharp` on, or remove the group.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2 `parallel_state.py`, `initialize_model_parallel`: it asks for `dp` before the groups that
///   it is one of are made.
enum SharpGroup: Rule {
  static let code: DiagnosticCode = "GPU-10"
  static let title = "the group that reduces in the network"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let path = Path.dist.sharpEnabledGroup
    if run.config.dist.useSharp, run.release.asksForSharpGroupTooEarly,
      run.config.dist.sharpEnabledGroup ?? "dp" == "dp"
    {
      return report.error(
        at: Path.dist.useSharp,
        "Megatron-Core \(run.release.megatronCore) asks for the group `dp` before it is made, so it cannot reduce in the network",
        help: "`dp_replica` can, with more than one distributed optimizer instance",
        related: [(path, run.config.dist.sharpEnabledGroup == nil ? "null: `dp`" : "`dp`")],
        fix: .unsafe("turn it off", (Path.dist.useSharp, false), (path, .null)))
    }
    guard let group = run.config.dist.sharpEnabledGroup else { return }
    let instances = run.config.ddp.numDistributedOptimizerInstances
    if !run.config.dist.useSharp {
      report.error(
        at: path, "sharp_enabled_group is `\(group)`, but use_sharp is off",
        help: "turn use_sharp on, or remove sharp_enabled_group", related: [(Path.dist.useSharp, "off")],
        fix: .unsafe("turn use_sharp on", (Path.dist.useSharp, true)))
    } else if group != "dp", group != "dp_replica" {
      report.error(
        at: path, "sharp_enabled_group is `\(group)`, but only `dp` and `dp_replica` can reduce in the network",
        help: "write `dp`", fix: .unsafe("write `dp`", (path, "dp")))
    } else if group == "dp_replica", instances < 2 {
      report.error(
        at: path,
        """
        sharp_enabled_group `dp_replica` needs more than one distributed optimizer instance, but there is \
        \(instances)
        """,
        help: "write `dp`, or set num_distributed_optimizer_instances",
        related: [(Path.ddp.numDistributedOptimizerInstances, "\(instances)")],
        fix: .unsafe("write `dp`", (path, "dp")))
    }
  }
}
