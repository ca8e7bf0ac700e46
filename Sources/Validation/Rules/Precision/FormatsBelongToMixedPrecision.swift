import ConfigDocument
import Diagnostics
import LaunchModel

/// # PREC-08: number formats and their settings stand in `mixed_precision`
///
/// ## What
/// Where `mixed_precision` is present, every field of `model`, `optimizer` and `ddp` that it has too is overwritten, by its
/// defaults where it says nothing: `fp8`, `fp4`, `fp8_recipe`, `fp8_param`, `params_dtype`, `loss_scale` and so on. A setting
/// of a format counts where the format is on, and where it is not what the release has for it anyway.
///
/// ## Why
/// A run that was to compute in fp8 computes in bf16, at its speed and in its memory; one in fp16 begins with another loss
/// scale than is written.
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
  static let title = "number formats and their settings stand in `mixed_precision`"
  static let errorsDependOn: PlanAspects = []

  /// The switches, which are wishes wherever they are on.
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
    for field in storage.carried {
      let path = FieldPath(section, field.name)
      guard switches.contains(field.name) ? isOn(field.value) : isWish(field.value, at: path, run) else { continue }
      let decisive = FieldPath("mixed_precision", field.name)
      let value = run.config.value(at: decisive)?.value ?? unwritten(decisive, run) ?? .null
      guard !isSame(value, field.value) else { continue }
      report.warning(
        at: path, "`\(path)` \(field.value.short) has no effect: `mixed_precision` sets it to \(value.short)",
        help: "write it in `mixed_precision`", related: [(decisive, "has the last word")])
    }
  }

  /// Whether somebody wants a setting to be so: its format is on, and it is not what it would be unwritten. Files that
  /// Megatron-Bridge wrote hold all fields.
  private static func isWish(_ value: ConfigValue, at path: FieldPath, _ run: RunFacts) -> Bool {
    let mixed = run.config.mixedPrecision
    let isUsed =
      switch path.field {
      case "bf16", "fp16": true
      // fp32 is what the class has. The model's is PREC-04's.
      case "params_dtype": path.section == "optimizer" && value != "fp32"
      case "initial_loss_scale", "min_loss_scale", "loss_scale_window", "hysteresis": mixed.fp16
      case "fp8_recipe", "fp8_margin", "fp8_amax_history_len", "fp8_amax_compute_algo", "fp8_wgrad": mixed.fp8 != nil
      case "fp4_recipe": mixed.fp4 != nil
      default: false
      }
    return isUsed && unwritten(path, run).map { !isSame($0, value) } ?? false
  }

  private static func unwritten(_ path: FieldPath, _ run: RunFacts) -> ConfigValue? {
    CarriedFields.field(path.field, of: path.section, in: run.release).flatMap { ConfigValue(json: $0.defaultText) }
  }

  private static func isSame(_ left: ConfigValue, _ right: ConfigValue) -> Bool {
    if let left = Double(left), let right = Double(right) { return left == right }
    return left == right
  }

  private static func isOn(_ value: ConfigValue) -> Bool { value != .null && value != .bool(false) }
}
