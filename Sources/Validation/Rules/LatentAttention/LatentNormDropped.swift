import Diagnostics
import LaunchModel

/// # MLA-10: the norms of the latents are dropped
///
/// ## What
/// With multi-latent attention and `qk_layernorm: false`, Megatron builds no norm for the key-value latent (nor for the
/// query latent).
///
/// ## Why
/// Every released model of the family has them. Without them a checkpoint's `kv_a_layernorm` finds no place, and a
/// checkpoint made here lacks it.
///
/// ## Example
/// ```yaml
/// model: {multi_latent_attention: true, qk_layernorm: false}
/// ```
///
/// ## Fix
/// Turn it on.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `gpt_layer_specs.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LatentNormDropped: Rule {
  static let code: DiagnosticCode = "MLA-10"
  static let title = "the norms of the latents are dropped"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.multiLatentAttention, !run.config.model.qkLayernorm else { return }
    report.warning(
      at: Path.model.qkLayernorm,
      """
      without qk_layernorm multi-latent attention has no norm on its latents, so no released checkpoint of the \
      family fits
      """,
      help: "turn it on", related: [(Path.model.multiLatentAttention, "multi-latent attention")],
      fix: .unsafe("turn it on", (Path.model.qkLayernorm, true)))
  }
}
