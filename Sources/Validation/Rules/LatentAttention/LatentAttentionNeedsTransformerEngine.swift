import Diagnostics
import LaunchModel

/// # MLA-03: multi-latent attention needs Transformer Engine's layers
///
/// ## What
/// With `multi_latent_attention`, `transformer_impl` cannot be `local`.
///
/// ## Why
/// Megatron-Core's own attention does not take keys and values of different widths: building it ends in a TypeError.
///
/// ## Example
/// ```yaml
/// model: {multi_latent_attention: true, transformer_impl: local}
/// ```
///
/// ## Fix
/// Write `transformer_engine`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `multi_latent_attention.py`, `dot_product_attention.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LatentAttentionNeedsTransformerEngine: Rule {
  static let code: DiagnosticCode = "MLA-03"
  static let title = "multi-latent attention needs Transformer Engine's layers"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.multiLatentAttention, model.transformerImplementation == .local else { return }
    report.error(
      at: Path.model.transformerImplementation,
      """
      multi-latent attention cannot be built from Megatron-Core's local layers: their attention takes no keys and \
      values \
      of different widths
      """,
      help: "write transformer_engine", related: [(Path.model.multiLatentAttention, "multi-latent attention")],
      fix: .unsafe("write transformer_engine", (Path.model.transformerImplementation, "transformer_engine")))
  }
}
