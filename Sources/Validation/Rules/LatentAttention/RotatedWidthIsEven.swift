import Diagnostics
import LaunchModel

/// # MLA-12: the rotated part of a head is even
///
/// ## What
/// With `multi_latent_attention`, `qk_pos_emb_head_dim` must be even.
///
/// ## Why
/// Positions rotate pairs of numbers. An odd width makes tables of another length, and the first step fails.
///
/// ## Example
/// ```yaml
/// model: {qk_pos_emb_head_dim: 63}
/// ```
///
/// ## Fix
/// Take an even width.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `models/common/embeddings/yarn_rotary_pos_embedding.py`, `rotary_pos_embedding.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum RotatedWidthIsEven: Rule {
  static let code: DiagnosticCode = "MLA-12"
  static let title = "the rotated part of a head is even"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let width = run.architecture.qkPosEmbHeadDim
    guard run.config.model.multiLatentAttention, width % 2 != 0 else { return }
    report.error(
      at: Path.model.qkPosEmbHeadDim, "qk_pos_emb_head_dim is \(width), but positions rotate pairs of numbers",
      help: "nearest: \(Help.multiples(of: 2, near: width))",
      related: [(Path.model.multiLatentAttention, "multi-latent attention")])
  }
}
