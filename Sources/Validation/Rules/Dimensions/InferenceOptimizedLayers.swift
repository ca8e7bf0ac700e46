import Diagnostics
import LaunchModel
import Releases

/// # DIM-13: inference-optimized layers take RMSNorm and no biases
///
/// ## What
/// `transformer_impl: inference_optimized` needs `normalization: RMSNorm` and neither `add_bias_linear` nor
/// `add_qkv_bias`. With routed experts it needs since 0.5.1 also ETP 1, no `moe_expert_capacity_factor`, no
/// `moe_router_padding_for_quantization`, `moe_router_dtype: fp32` and activations without a gate, which Moonlight has.
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
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum InferenceOptimizedLayers: Rule {
  static let code: DiagnosticCode = "DIM-13"
  static let title = "inference-optimized layers take RMSNorm and no biases"
  static let errorsDependOn: PlanAspects = .expertTensor

  /// Where routed experts among such layers are looked at.
  private static let looksAtExperts = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.transformerImplementation == .inferenceOptimized else { return }
    if looksAtExperts.contains(run.release), let obstacle = ofExperts(run) {
      report.error(
        at: Path.model.transformerImplementation,
        "transformer_impl inference_optimized has no routed experts with \(obstacle.message)",
        help: "for training, write transformer_engine", related: [obstacle.related],
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

  private static func ofExperts(_ run: RunFacts) -> (message: Message, related: RelatedField)? {
    let model = run.config.model
    guard model.numMoEExperts != nil else { return nil }
    if model.gatedLinearUnit { return ("gated activations", (Path.model.gatedLinearUnit, "on")) }
    if run.sizes.expertTensor > 1 {
      return (
        "ETP \(run.sizes.expertTensor)", (Path.parallelism.expertTensorParallelSize, "ETP \(run.sizes.expertTensor)")
      )
    }
    if let factor = model.moeExpertCapacityFactor {
      return ("a capacity", (Path.model.moeExpertCapacityFactor, "\(factor)"))
    }
    if model.moeRouterPaddingForQuantization == true {
      return ("padding for quantised formats", (Path.model.moeRouterPaddingForQuantization, "on"))
    }
    guard model.moeRouterDataType != .fp32 else { return nil }
    return (
      "a router in \(model.moeRouterDataType?.rawValue ?? "the model's format")",
      (Path.model.moeRouterDataType, "\(model.moeRouterDataType?.rawValue ?? "null")")
    )
  }
}
