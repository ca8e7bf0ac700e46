import ConfigDocument
import Diagnostics
import LaunchModel

/// # OPT-02: the precision-aware optimizer is a distributed one
///
/// ## What
/// `use_precision_aware_optimizer` needs `optimizer.use_distributed_optimizer`, written there: `ddp`'s switch of the same
/// name does not count.
///
/// ## Why
/// Megatron-Bridge copies the switch from `ddp` to `optimizer`, but only after the optimizer has been checked.
///
/// ## Example
/// ```yaml
/// optimizer: {use_precision_aware_optimizer: true}
/// ddp: {use_distributed_optimizer: true}
/// ```
///
/// ## Fix
/// Set `optimizer.use_distributed_optimizer`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`; megatron-bridge 0.3.1
///   `training/config.py`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
enum PrecisionAwareIsDistributed: Rule {
  static let code: DiagnosticCode = "OPT-02"
  static let title = "the precision-aware optimizer is a distributed one"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.usePrecisionAwareOptimizer, !optimizer.useDistributedOptimizer, optimizer.optimizer == .adam
    else { return }
    let isMeant = run.config.ddp.useDistributedOptimizer
    let change = (Path.optimizer.useDistributedOptimizer, ConfigValue.bool(true) as ConfigValue?)
    report.error(
      at: Path.optimizer.useDistributedOptimizer,
      isMeant
        ? "the precision-aware optimizer needs `use_distributed_optimizer` here; `ddp`'s is copied only after this is checked"
        : "the precision-aware optimizer needs `use_distributed_optimizer`",
      related: [
        (Path.optimizer.usePrecisionAwareOptimizer, "on"),
        (Path.ddp.useDistributedOptimizer, isMeant ? "on" : "off as well"),
      ],
      fix: isMeant ? .safe("set it", change) : .unsafe("set it", change))
  }
}
