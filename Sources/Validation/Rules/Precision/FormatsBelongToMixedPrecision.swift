import ConfigDocument
import Diagnostics
import LaunchModel

/// # PREC-08: fp8 and fp4 are switched on in `mixed_precision`
///
/// ## What
/// Where `mixed_precision` is present, every field of `model`, `optimizer` and `ddp` that it has too is overwritten, by its
/// defaults where it says nothing: `fp8`, `fp4`, `fp8_recipe`, `fp8_param`, `first_last_layers_bf16`, `loss_scale` and so on.
///
/// ## Why
/// A run that was to compute in fp8 computes in bf16, at its speed and in its memory.
///
/// ## Example
/// ```yaml
/// model: {fp8: hybrid}
/// mixed_precision: bf16_mixed
/// ```
///
/// ## Fix
/// Write it in `mixed_precision`, as in `mixed_precision: bf16_with_fp8_current_scaling_mixed`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/mixed_precision.py`, `update_config_with_precision_overrides`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum FormatsBelongToMixedPrecision: Rule {
  static let code: DiagnosticCode = "PREC-08"
  static let title = "fp8 and fp4 are switched on in `mixed_precision`"
  static let errorsDependOn: PlanAspects = []

  /// The switches. The numbers beside them, which emitted files hold as well, mean nothing by themselves.
  private static let switches: Set<String> = [
    "fp8", "fp4", "fp8_param", "fp4_param", "fp8_param_gather", "fp4_param_gather", "first_last_layers_bf16",
    "fp8_dot_product_attention", "fp8_multi_head_attention", "loss_scale",
  ]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.mixedPrecision.isPresent else { return }
    check(run.config.model.storage, of: "model", run, &report)
    check(run.config.optimizer.storage, of: "optimizer", run, &report)
    check(run.config.ddp.storage, of: "ddp", run, &report)
  }

  private static func check(
    _ storage: SectionStorage, of section: String, _ run: RunFacts, _ report: inout Report
  ) {
    for field in storage.carried where switches.contains(field.name) && isOn(field.value) {
      let decisive = FieldPath("mixed_precision", field.name)
      let value = run.config.value(at: decisive)?.value ?? .null
      guard value != field.value else { continue }
      let path = FieldPath(section, field.name)
      report.warning(
        at: path, "`\(path)` \(field.value.short) has no effect: `mixed_precision` sets it to \(value.short)",
        help: "write it in `mixed_precision`", related: [(decisive, "has the last word")])
    }
  }

  private static func isOn(_ value: ConfigValue) -> Bool { value != .null && value != .bool(false) }
}
