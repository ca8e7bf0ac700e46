import Diagnostics
import LaunchModel

/// # DIM-13: inference-optimized layers take RMSNorm and no biases
///
/// ## What
/// `transformer_impl: inference_optimized` needs `normalization: RMSNorm` and neither `add_bias_linear` nor
/// `add_qkv_bias`.
///
/// ## Why
/// These layers exist for that shape alone; for training `transformer_engine` is the one to take.
///
/// ## Example
/// ```yaml
/// model: {transformer_impl: inference_optimized, normalization: LayerNorm}
/// ```
///
/// ## Fix
/// Write `transformer_engine`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum InferenceOptimizedLayers: Rule {
  static let code: DiagnosticCode = "DIM-13"
  static let title = "inference-optimized layers take RMSNorm and no biases"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.transformerImplementation == .inferenceOptimized else { return }
    if model.gatedLinearUnit, run.release.inferenceLayersRefuseGating {
      report.error(
        at: Path.model.transformerImplementation, "transformer_impl inference_optimized has no gated activations",
        help: "for training, write transformer_engine", related: [(Path.model.gatedLinearUnit, "on")],
        fix: .unsafe("write transformer_engine", (Path.model.transformerImplementation, "transformer_engine")))
      return
    }
    guard
      model.normalization != .rmsNorm || model.addBiasLinear || model.addQKVBias
    else { return }
    report.error(
      at: Path.model.transformerImplementation, "transformer_impl inference_optimized takes RMSNorm and no biases",
      help: "for training, write transformer_engine",
      related: [
        (Path.model.normalization, "\(model.normalization.rawValue)"),
        (Path.model.addBiasLinear, "\(model.addBiasLinear)"), (Path.model.addQKVBias, "\(model.addQKVBias)"),
      ],
      fix: .unsafe("write transformer_engine", (Path.model.transformerImplementation, "transformer_engine")))
  }
}
