import Diagnostics
import LaunchModel

/// # OPT-06: optimizer and model agree on the number format
///
/// ## What
/// Without a `mixed_precision` section, and with the precision-aware optimizer, `optimizer.bf16` and `optimizer.fp16`
/// must say what `model.bf16` and `model.fp16` say.
///
/// ## Why
/// With the section, it overwrites both sides. Without, Megatron-Bridge compares them.
///
/// ## Example
/// ```yaml
/// mixed_precision: null
/// model: {bf16: true}
/// optimizer: {use_precision_aware_optimizer: true, bf16: false}
/// ```
///
/// ## Fix
/// Give a `mixed_precision` section.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_validate_mixed_precision_consistency`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum OptimizerFormatIsModels: Rule {
  static let code: DiagnosticCode = "OPT-06"
  static let title = "optimizer and model agree on the number format"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard !run.config.mixedPrecision.isPresent, run.config.optimizer.usePrecisionAwareOptimizer else { return }
    let (model, optimizer) = (run.config.model, run.config.optimizer)
    func differs(_ name: String, _ isModels: Bool, _ path: FieldPath) -> Bool {
      let isOptimizers = optimizer.carried(name) == .bool(true)
      guard isModels ? !isOptimizers : isOptimizers && !model.bf16 && !model.fp16 else { return false }
      report.error(
        at: FieldPath("optimizer", name),
        "`optimizer.\(name)` is \(isOptimizers), but `model.\(name)` is \(isModels); with the precision-aware optimizer they must agree",
        related: [(path, "\(isModels)")],
        fix: .unsafe("make it \(isModels)", (FieldPath("optimizer", name), .bool(isModels))))
      return true
    }
    if !differs("bf16", model.bf16, Path.model.bf16) { _ = differs("fp16", model.fp16, Path.model.fp16) }
  }
}
