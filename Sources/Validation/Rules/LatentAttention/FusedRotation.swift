import Diagnostics
import LaunchModel

/// # MLA-05: fused rotation of multi-latent attention is YaRN's
///
/// ## What
/// With `multi_latent_attention`, `apply_rope_fusion` needs `rope_type: yarn`.
///
/// ## Why
/// The fused kernel takes YaRN's tables. YaRN with `rotary_scaling_factor: 1` is the plain rotation.
///
/// ## Example
/// ```yaml
/// model: {apply_rope_fusion: true, rope_type: rope}
/// ```
///
/// ## Fix
/// Write `rope_type: yarn` with `rotary_scaling_factor: 1`, or turn the fusion off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `MLATransformerConfig.__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum FusedRotation: Rule {
  static let code: DiagnosticCode = "MLA-05"
  static let title = "fused rotation of multi-latent attention is YaRN's"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.multiLatentAttention, model.applyRopeFusion, model.ropeType != .yarn else { return }
    report.error(
      at: Path.model.applyRopeFusion,
      "apply_rope_fusion of multi-latent attention works with YaRN only, but rope_type is rope",
      help: "rope_type yarn with rotary_scaling_factor 1 is the plain rotation; or turn the fusion off",
      related: [(Path.model.ropeType, "rope")],
      fix: .unsafe("turn the fusion off", (Path.model.applyRopeFusion, false)))
  }
}
