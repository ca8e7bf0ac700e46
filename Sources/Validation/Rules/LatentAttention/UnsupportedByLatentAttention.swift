import Diagnostics
import LaunchModel

/// # MLA-09: what multi-latent attention does not support
///
/// ## What
/// With `multi_latent_attention`, neither `attention_output_gate` nor `cache_mla_latents` can be used in training.
/// `qk_l2_norm` is ignored.
///
/// ## Why
/// The gate is not written for MLA; cached latents are for inference and refuse the first training step.
///
/// ## Example
/// ```yaml
/// model: {multi_latent_attention: true, cache_mla_latents: true}
/// ```
///
/// ## Fix
/// Turn them off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `MLATransformerConfig.__post_init__`;
///   `multi_latent_attention.py`, `forward`; `gpt_layer_specs.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum UnsupportedByLatentAttention: Rule {
  static let code: DiagnosticCode = "MLA-09"
  static let title = "what multi-latent attention does not support"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.multiLatentAttention else { return }
    let related: [RelatedField] = [(Path.model.multiLatentAttention, "multi-latent attention")]
    if model.attentionOutputGate {
      report.error(
        at: Path.model.attentionOutputGate, "multi-latent attention has no output gate", help: "turn it off",
        related: related, fix: .unsafe("turn it off", (Path.model.attentionOutputGate, false)))
    }
    if model.cacheMLALatents {
      report.error(
        at: Path.model.cacheMLALatents,
        "cache_mla_latents is for inference: multi-latent attention refuses it in the first training step",
        help: "turn it off", related: related,
        fix: .safe("turn it off", (Path.model.cacheMLALatents, false)))
    }
    if model.qkL2Norm {
      report.add(
        run.release.latentAttentionRefusesL2Norm ? .error : .note, at: Path.model.qkL2Norm,
        run.release.latentAttentionRefusesL2Norm
          ? "multi-latent attention has no L2 norm of queries and keys"
          : "qk_l2_norm has no effect on multi-latent attention", help: "remove it",
        related: related)
    }
  }
}
