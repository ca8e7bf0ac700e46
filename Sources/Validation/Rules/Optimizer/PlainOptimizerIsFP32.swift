import Diagnostics
import LaunchModel

/// # OPT-04: a plain optimizer keeps everything in fp32
///
/// ## What
/// Without `use_precision_aware_optimizer`, `main_grads_dtype`, `main_params_dtype`, `exp_avg_dtype` and
/// `exp_avg_sq_dtype` must be fp32.
///
/// ## Why
/// Only the precision-aware optimizer reads them; Megatron refuses formats that would have no effect.
///
/// ## Example
/// ```yaml
/// optimizer: {use_precision_aware_optimizer: false, exp_avg_dtype: bf16}
/// ```
///
/// ## Fix
/// Set them back, or switch the precision-aware optimizer on.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum PlainOptimizerIsFP32: Rule {
  static let code: DiagnosticCode = "OPT-04"
  static let title = "a plain optimizer keeps everything in fp32"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard !optimizer.usePrecisionAwareOptimizer else { return }
    guard
      optimizer.mainGradsDtype != .fp32 || optimizer.mainParamsDtype != .fp32 || optimizer.expAvgDtype != .fp32
        || optimizer.expAvgSqDtype != .fp32
    else { return }
    let formats = [
      (Path.optimizer.mainGradsDtype, optimizer.mainGradsDtype.rawValue),
      (Path.optimizer.mainParamsDtype, optimizer.mainParamsDtype.rawValue),
      (Path.optimizer.expAvgDtype, optimizer.expAvgDtype.rawValue),
      (Path.optimizer.expAvgSqDtype, optimizer.expAvgSqDtype.rawValue),
    ].filter { $0.1 != DataType.fp32.rawValue }
    let names = formats.map { path, format -> Message in "`\(name: path)` is \(format)" }.joined(
      separator: ", ")
    report.error(
      at: formats[0].0, "\(names); without the precision-aware optimizer only fp32 is accepted",
      help: "fp32 for all four, or `use_precision_aware_optimizer: true`",
      related: formats.dropFirst().map { ($0, "\($1)") } + [
        (Path.optimizer.usePrecisionAwareOptimizer, "off")
      ],
      fix: FieldFix(
        title: "make them fp32", applicability: .unsafe, changes: formats.map { (path: $0.0, value: .string("fp32")) }))
  }
}
