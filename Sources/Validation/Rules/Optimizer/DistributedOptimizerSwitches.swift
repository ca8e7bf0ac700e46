import Diagnostics
import LaunchModel

/// # OPT-07: one switch of the distributed optimizer sets the other
///
/// ## What
/// Where one of `optimizer.use_distributed_optimizer` and `ddp.use_distributed_optimizer` is on, Megatron-Bridge sets both.
///
/// ## Why
/// The value written at the other place has no effect. And `comm_overlap` has looked at `ddp`'s switch before: with only
/// the optimizer's set, gradients are not reduced while the backward pass goes on.
///
/// ## Example
/// ```yaml
/// optimizer: {use_distributed_optimizer: true}
/// ddp: {use_distributed_optimizer: false}
/// ```
///
/// ## Fix
/// Set both alike.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_validate_and_sync_distributed_optimizer_settings`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum DistributedOptimizerSwitches: Rule {
  static let code: DiagnosticCode = "OPT-07"
  static let title = "one switch of the distributed optimizer sets the other"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let own = run.config.optimizer.useDistributedOptimizer
    guard own != run.config.ddp.useDistributedOptimizer else { return }
    // What cannot be distributed at all, or must be switched on at one or both places, has rules of its own.
    guard run.config.optimizer.optimizer == .adam, own || !run.config.optimizer.usePrecisionAwareOptimizer,
      !run.config.usesMegatronFSDP || !FSDPHasItsConditions.releases.contains(run.release)
    else { return }
    let (off, on) =
      own
      ? (Path.ddp.useDistributedOptimizer, Path.optimizer.useDistributedOptimizer)
      : (Path.optimizer.useDistributedOptimizer, Path.ddp.useDistributedOptimizer)
    let losesOverlap = own && run.config.commOverlap.isPresent && !run.config.ddp.overlapGradReduce
    report.note(
      at: off, "`\(off)` is off and `\(on)` on: Megatron-Bridge sets both",
      help: losesOverlap
        ? "`comm_overlap` looks at `ddp` before that, so gradients are not reduced during the backward pass" : nil,
      related: [(on, "on")], fix: .safe("set it here as well", (off, .bool(true))))
  }
}
