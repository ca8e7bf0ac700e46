import Diagnostics

/// # OPT-08: the distributed optimizer is Adam
///
/// ## What
/// `sgd` excludes `use_distributed_optimizer`, in `optimizer` and in `ddp`.
///
/// ## Why
/// Megatron's distributed optimizer knows the states of Adam only.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: sgd, use_distributed_optimizer: true}
/// ```
///
/// ## Fix
/// Switch it off at both places.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/distrib_optimizer.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum DistributedOptimizerIsAdam: Rule {
  static let code: DiagnosticCode = "OPT-08"
  static let title = "the distributed optimizer is Adam"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.optimizer.optimizer == .sgd, run.overlap.effective.useDistributedOptimizer else { return }
    // The precision-aware optimizer is the first thing that is refused.
    guard !run.config.optimizer.usePrecisionAwareOptimizer else { return }
    DistributedSwitch.refuse(run, "the distributed optimizer keeps the states of Adam; this run has `sgd`", &report)
  }
}
