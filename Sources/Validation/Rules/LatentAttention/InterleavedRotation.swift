import Diagnostics
import LaunchModel

/// # MLA-04: multi-latent attention rotates by itself
///
/// ## What
/// With `multi_latent_attention`, `rotary_interleaved` must be false.
///
/// ## Why
/// DeepSeek's rotation of neighbouring pairs is built into Megatron's MLA; the switch is for other attention.
///
/// ## Example
/// ```yaml
/// model: {multi_latent_attention: true, rotary_interleaved: true}
/// ```
///
/// ## Fix
/// Write false; the pairs are rotated all the same.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum InterleavedRotation: Rule {
  static let code: DiagnosticCode = "MLA-04"
  static let title = "multi-latent attention rotates by itself"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.multiLatentAttention, run.config.model.rotaryInterleaved else { return }
    report.error(
      at: Path.model.rotaryInterleaved,
      "multi-latent attention rotates neighbouring pairs by itself, and refuses rotary_interleaved",
      help: "write false", related: [(Path.model.multiLatentAttention, "multi-latent attention")],
      fix: .safe("write false", (Path.model.rotaryInterleaved, false)))
  }
}
