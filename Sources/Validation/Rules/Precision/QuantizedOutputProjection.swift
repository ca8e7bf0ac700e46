import Diagnostics
import LaunchModel
import Releases

/// # PREC-06: the head is computed in fp8 where all else is mxfp8
///
/// ## What
/// `model.fp8_output_proj` needs `fp8` and the recipe `mxfp8`.
///
/// ## Why
/// The head's kernel is written for mxfp8's blocks.
///
/// ## Example
/// ```yaml
/// model: {fp8_output_proj: true}
/// mixed_precision: bf16_mixed
/// ```
///
/// ## Fix
/// `mixed_precision: bf16_with_mxfp8_mixed`, or remove it.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum QuantizedOutputProjection: Rule {
  static let code: DiagnosticCode = "PREC-06"
  static let title = "the head is computed in fp8 where all else is mxfp8"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let path = FieldPath("model", "fp8_output_proj")
    guard !model.storage.carried.isEmpty, model.isOn(path.field) else { return }
    let quantized = run.precision.quantized
    guard quantized.fp8 == nil || quantized.fp8Recipe != "mxfp8" else { return }
    report.error(
      at: path,
      quantized.fp8 == nil
        ? "the head is to be computed in fp8, but `fp8` is null"
        : "the head is computed in fp8 with the recipe `mxfp8`, not with `\(quantized.fp8Recipe)`", help: "remove it",
      related: [
        (quantized.path("fp8"), "\(quantized.fp8 ?? "null")"), (quantized.path("fp8_recipe"), "\(quantized.fp8Recipe)"),
      ], fix: .unsafe("remove it", (path, nil)))
  }
}
