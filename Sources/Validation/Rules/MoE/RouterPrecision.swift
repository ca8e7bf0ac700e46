import Diagnostics
import LaunchModel

/// # MOE-14: many experts are routed in fp32
///
/// ## What
/// With 32 experts or more, `moe_router_dtype` should be `fp32` or `fp64`. Megatron warns of it, too.
///
/// ## Why
/// In bf16 the scores of many experts are alike to the last bit, and the choice among them becomes noise.
///
/// ## Example
/// ```yaml
/// model: {num_moe_experts: 64, moe_router_dtype: null}
/// ```
///
/// ## Fix
/// Write `fp32`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum RouterPrecision: Rule {
  static let code: DiagnosticCode = "MOE-14"
  static let title = "many experts are routed in fp32"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard let experts = model.numMoEExperts, experts >= 32, model.moeRouterDataType == nil,
      run.precision.bf16 || run.precision.fp16
    else { return }
    report.warning(
      at: Path.model.moeRouterDataType,
      "\(experts) experts are routed in \(run.precision.bf16 ? "bf16" : "fp16"), in which their scores hardly differ",
      help: "write fp32", related: [run.expertsRelated],
      fix: .unsafe("write fp32", (Path.model.moeRouterDataType, "fp32")))
  }
}
