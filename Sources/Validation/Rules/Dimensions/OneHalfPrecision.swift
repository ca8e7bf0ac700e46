import ConfigDocument
import Diagnostics
import LaunchModel

/// # DIM-08: fp16 or bf16, not both
///
/// ## What
/// At most one of `fp16` and `bf16` may be true. `mixed_precision` has the last word; without it `model` and
/// `optimizer` each speak for themselves.
///
/// ## Why
/// Weights and activations have one format.
///
/// ## Example
/// ```yaml
/// mixed_precision: {bf16: true, fp16: true}
/// ```
///
/// ## Fix
/// Turn one of them off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1 `training/config.py`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
enum OneHalfPrecision: Rule {
  static let code: DiagnosticCode = "DIM-08"
  static let title = "fp16 or bf16, not both"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    if run.precision.fp16, run.precision.bf16 {
      return report.error(
        at: run.precision.fp16Path, "fp16 and bf16 are both on, but weights and activations have one format",
        help: "turn one of them off", related: [(run.precision.bf16Path, "on")],
        fix: .unsafe("turn fp16 off", (run.precision.fp16Path, false)))
    }
    guard !run.config.mixedPrecision.isPresent else { return }
    let optimizer = run.config.optimizer.storage
    guard optimizer.value(named: "fp16")?.value == .bool(true), optimizer.value(named: "bf16")?.value == .bool(true)
    else { return }
    let section = Path.optimizer.whole.section
    report.error(
      at: FieldPath(section, "fp16"), "the optimizer's fp16 and bf16 are both on",
      help: "turn one of them off", related: [(FieldPath(section, "bf16"), "on")],
      fix: .unsafe("turn fp16 off", (FieldPath(section, "fp16"), false)))
  }
}
