import Diagnostics
import LaunchModel

/// # PREC-02: quantised formats fit together
///
/// ## What
/// fp8 and fp4 exclude each other. Gathering weights in mxfp8 (`fp8_param_gather` with `fp8_recipe: mxfp8`) needs
/// `reuse_grad_buf_for_mxfp8_param_ag`, and that needs `fp8_param_gather`.
///
/// ## Why
/// mxfp8 weights are gathered through the gradient buffer; there is no other buffer for them.
///
/// ## Example
/// ```yaml
/// mixed_precision: {bf16: true, fp8: e4m3, fp8_recipe: mxfp8, fp8_param_gather: true}
/// ```
///
/// ## Fix
/// Begin with a named recipe, such as `mixed_precision: bf16_with_mxfp8_mixed`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/mixed_precision.py`, `finalize`; megatron-core 0.16.1
///   `distributed/distributed_data_parallel_config.py`.
/// - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
enum QuantizedFormatsFit: Rule {
  static let code: DiagnosticCode = "PREC-02"
  static let title = "quantised formats fit together"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let mixed = run.config.mixedPrecision
    guard mixed.isPresent else {
      let ddp = run.config.ddp
      guard ddp.carried("reuse_grad_buf_for_mxfp8_param_ag") == .bool(true),
        ddp.carried("fp8_param_gather") != .bool(true)
      else { return }
      let path = FieldPath("ddp", "reuse_grad_buf_for_mxfp8_param_ag")
      report.error(
        at: path, "the gradient buffer is reused for fp8 weights, but weights are not kept in fp8",
        related: [(FieldPath("ddp", "fp8_param_gather"), "off")], fix: .unsafe("switch it off", (path, .bool(false))))
      return
    }
    let (gathers, reuses) = (mixed.fp8ParamGather, mixed.reuseGradBufForMXFP8)
    if let fp8 = mixed.fp8, let fp4 = mixed.fp4 {
      report.error(
        at: Path.mixedPrecision.fp4, "fp4 (`\(fp4)`) and fp8 (`\(fp8)`) exclude each other",
        related: [(Path.mixedPrecision.fp8, "fp8")])
    }
    if gathers, !reuses, mixed.fp8Recipe == "mxfp8" {
      report.error(
        at: Path.mixedPrecision.reuseGradBufForMXFP8, "weights gathered in mxfp8 need the gradient buffer",
        related: [(Path.mixedPrecision.fp8ParamGather, "on"), (Path.mixedPrecision.fp8Recipe, "mxfp8")],
        fix: .safe("reuse it", (Path.mixedPrecision.reuseGradBufForMXFP8, .bool(true))))
    }
    if reuses, !gathers {
      report.error(
        at: Path.mixedPrecision.reuseGradBufForMXFP8,
        "the gradient buffer is reused for fp8 weights, but weights are not gathered in fp8",
        related: [(Path.mixedPrecision.fp8ParamGather, "off")],
        fix: .unsafe("switch it off", (Path.mixedPrecision.reuseGradBufForMXFP8, .bool(false))))
    }
  }
}
