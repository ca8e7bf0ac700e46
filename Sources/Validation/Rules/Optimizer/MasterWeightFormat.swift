import Diagnostics
import LaunchModel

/// # OPT-05: master weights are fp32 or fp16
///
/// ## What
/// With the precision-aware optimizer `main_params_dtype` is fp32 or fp16, not bf16.
///
/// ## Why
/// Transformer Engine's FusedAdam has no bf16 masters: next to bf16 weights they would hold nothing more.
///
/// ## Example
/// ```yaml
/// optimizer: {use_precision_aware_optimizer: true, main_params_dtype: bf16}
/// ```
///
/// ## Fix
/// fp32; `store_param_remainders` keeps it to two bytes beside a bf16 weight.
///
/// ## Source
/// - 0.3.1: Transformer Engine 2.11 `pytorch/optimizers/fused_adam.py`.
enum MasterWeightFormat: Rule {
  static let code: DiagnosticCode = "OPT-05"
  static let title = "master weights are fp32 or fp16"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.usePrecisionAwareOptimizer, optimizer.mainParamsDtype == .bf16, !optimizer.optimizerCPUOffload
    else { return }
    report.error(
      at: Path.optimizer.mainParamsDtype, "master weights in bf16: FusedAdam knows fp32 and fp16",
      related: [(Path.optimizer.usePrecisionAwareOptimizer, "on")],
      fix: .unsafe("make them fp32", (Path.optimizer.mainParamsDtype, .string("fp32"))))
  }
}
