import Diagnostics
import LaunchModel

/// # MOE-29: padding for quantised experts
///
/// ## What
/// `moe_router_padding_for_fp8` and `moe_router_padding_for_quantization` need fp8 or fp4, and a dispatcher other than
/// `allgather`.
///
/// ## Why
/// They pad each expert's tokens to what quantised GEMMs want.
///
/// ## Example
/// ```yaml
/// model: {moe_router_padding_for_fp8: true}
/// mixed_precision: bf16_mixed
/// ```
///
/// ## Fix
/// Turn it off, or train in fp8.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum QuantizedPadding: Rule {
  static let code: DiagnosticCode = "MOE-29"
  static let title = "padding for quantised experts"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let forFP8 = model.moeRouterPaddingForFP8 == true
    guard forFP8 || model.moeRouterPaddingForQuantization == true else { return }
    let path = forFP8 ? Path.model.moeRouterPaddingForFP8 : Path.model.moeRouterPaddingForQuantization
    if !run.precision.isQuantized {
      report.error(
        at: path, "\(name: path) pads for quantised GEMMs, but neither fp8 nor fp4 is set", help: "turn it off",
        related: [(Path.mixedPrecision.fp8, "null")], fix: .safe("turn it off", (path, false)))
    } else if model.moeTokenDispatcherType == .allgather {
      report.error(
        at: path, "\(name: path) does not work with the allgather dispatcher", help: "use alltoall",
        related: [run.dispatcherRelated],
        fix: .unsafe("use alltoall", (Path.model.moeTokenDispatcherType, "alltoall")))
    }
  }
}
