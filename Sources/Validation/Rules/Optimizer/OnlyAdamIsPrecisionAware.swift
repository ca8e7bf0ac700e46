import Diagnostics
import LaunchModel

/// # OPT-01: only Adam is precision-aware
///
/// ## What
/// `use_precision_aware_optimizer` needs `optimizer: adam`.
///
/// ## Why
/// Only Transformer Engine's FusedAdam keeps its states in other formats.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: sgd, use_precision_aware_optimizer: true}
/// ```
///
/// ## Fix
/// Switch it off, and set the four formats back to fp32. For Muon see MUON-05.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum OnlyAdamIsPrecisionAware: Rule {
  static let code: DiagnosticCode = "OPT-01"
  static let title = "only Adam is precision-aware"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.optimizer == .sgd, optimizer.usePrecisionAwareOptimizer else { return }
    report.error(
      at: Path.optimizer.usePrecisionAwareOptimizer, "the precision-aware optimizer is Adam; this run has `sgd`",
      help: "switched off, the formats of gradients, masters and moments must be fp32",
      related: [(Path.optimizer.optimizer, "`sgd`")],
      fix: PlainFormats.fix)
  }
}
