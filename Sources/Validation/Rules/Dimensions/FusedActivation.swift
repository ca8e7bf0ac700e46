import Diagnostics
import LaunchModel

/// # DIM-12: bias_activation_fusion has kernels for a few activations
///
/// ## What
/// With `bias_activation_fusion`, `activation_func` must be `silu` or `gelu`; `gelu` without a gate needs biases,
/// `silu` a gate. Routed experts in one grouped GEMM take the gated `silu` (SwiGLU) alone.
///
/// ## Why
/// Megatron has fused kernels for these combinations and no others. The first is refused at start-up, the rest in the
/// first step.
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
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; `mlp.py` and `moe/experts.py`, `forward`.
enum FusedActivation: Rule {
  static let code: DiagnosticCode = "DIM-12"
  static let title = "bias_activation_fusion has kernels for a few activations"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.biasActivationFusion else { return }
    // Transformer Engine's own activation takes another road in `forward`.
    let usesTransformerEngine = model.storage.carried.contains {
      $0.name == "use_te_activation_func" && $0.value == .bool(true)
    }
    guard !usesTransformerEngine else { return }
    let (function, isGated) = (model.activationFunction, model.gatedLinearUnit)
    let problem: String
    switch function {
    case .silu where isGated: return
    case .silu: problem = "silu only with a gate (gated_linear_unit)"
    case .gelu where !isGated && !model.addBiasLinear:
      problem = "gelu without a gate only with biases (add_bias_linear)"
    case .gelu:
      guard run.hasMoELayer, model.moeGroupedGEMM else { return }
      problem = "for experts in one grouped GEMM no gelu, only the gated silu"
    case .relu, .squaredReLU: problem = "for silu and gelu alone, not for \(function.rawValue)"
    }
    report.error(
      at: Path.model.biasActivationFusion, "bias_activation_fusion has kernels \(problem)",
      help: "turn the fusion off",
      related: [
        (Path.model.activationFunction, function.rawValue), (Path.model.gatedLinearUnit, isGated ? "gated" : "no gate"),
      ],
      fix: .unsafe("turn the fusion off", (Path.model.biasActivationFusion, false)))
  }
}
