import Diagnostics
import LaunchModel

/// # DIM-12: bias_activation_fusion has kernels for a few activations
///
/// ## What
/// With `bias_activation_fusion`, `activation_func` must be `silu` or `gelu`; `gelu` without a gate needs biases,
/// `silu` a gate. Routed experts take the gated `silu` (SwiGLU) alone, and without `moe_grouped_gemm` no biases. It
/// excludes `use_te_activation_func`, which is for `gelu`, `silu` and `relu`, and a `glu_linear_offset` other than 0.
///
/// ## Why
/// Megatron has fused kernels for these combinations and no others. Some are refused at start-up, the rest in the first
/// step.
///
/// ## Example
/// ```yaml
/// model: {activation_func: squared_relu, bias_activation_fusion: true}
/// ```
///
/// ## Fix
/// Turn the fusion off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; `mlp.py` and `moe/experts.py`, `forward`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum FusedActivation: Rule {
  static let code: DiagnosticCode = "DIM-12"
  static let title = "bias_activation_fusion has kernels for a few activations"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let enginePath = FieldPath("model", "use_te_activation_func")
    let usesEngine = model.carried(enginePath.field) == .bool(true)
    guard model.biasActivationFusion else {
      if usesEngine, ![.gelu, .silu, .relu].contains(model.activationFunction) {
        let function = model.activationFunction.rawValue
        report.error(
          at: enginePath, "Transformer Engine has no \(function)", help: "turn it off",
          related: [(Path.model.activationFunction, "\(function)")], fix: .unsafe("turn it off", (enginePath, false)))
      }
      return
    }
    if usesEngine {
      report.error(
        at: enginePath, "bias_activation_fusion and use_te_activation_func exclude each other", help: "turn one off",
        related: [(Path.model.biasActivationFusion, "on")], fix: .unsafe("turn it off", (enginePath, false)))
      return
    }
    let offsetPath = FieldPath("model", "glu_linear_offset")
    if let offset = model.carried(offsetPath.field).flatMap({ Double($0) }), offset != 0 {
      report.error(
        at: offsetPath, "bias_activation_fusion has no kernel with glu_linear_offset \(offset)",
        help: "turn the fusion off", related: [(Path.model.biasActivationFusion, "on")],
        fix: .unsafe("turn the fusion off", (Path.model.biasActivationFusion, false)))
    }
    let (function, isGated) = (model.activationFunction, model.gatedLinearUnit)
    let problem: Message
    switch function {
    case .silu where isGated:
      guard model.addBiasLinear, run.hasMoELayer, !model.moeGroupedGEMM, !run.hasSharedExperts else { return }
      problem = "a kernel for experts one by one only without biases (add_bias_linear)"
    case .silu: problem = "a kernel for silu only with a gate (gated_linear_unit)"
    case .gelu where !isGated && !model.addBiasLinear:
      problem = "a kernel for gelu without a gate only with biases (add_bias_linear)"
    case .gelu:
      guard run.hasMoELayer else { return }
      problem = "no kernel for gelu in routed experts, only for the gated silu"
    case .relu, .squaredReLU: problem = "kernels for silu and gelu, not for \(function.rawValue)"
    }
    report.error(
      at: Path.model.biasActivationFusion, "bias_activation_fusion has \(problem)",
      help: "turn the fusion off",
      related: [
        (Path.model.activationFunction, "\(function.rawValue)"),
        (Path.model.gatedLinearUnit, isGated ? "gated" : "no gate"),
      ],
      fix: .unsafe("turn the fusion off", (Path.model.biasActivationFusion, false)))
  }
}
