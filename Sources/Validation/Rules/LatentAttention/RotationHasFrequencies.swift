import Diagnostics
import LaunchModel

/// # MLA-13: YaRN's base is not 1
///
/// ## What
/// With `multi_latent_attention` and `rope_type: yarn`, `rotary_base` must differ from 1.
///
/// ## Why
/// YaRN finds the frequencies to stretch by dividing by the base's logarithm, which is 0. The model cannot be built.
///
/// ## Example
/// ```yaml
/// model: {rotary_base: 1.0}
/// ```
///
/// ## Fix
/// Take the base that the model was trained with: 50000 for Moonlight.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `models/common/embeddings/yarn_rotary_pos_embedding.py` `_yarn_find_correction_dim`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum RotationHasFrequencies: Rule {
  static let code: DiagnosticCode = "MLA-13"
  static let title = "YaRN's base is not 1"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.multiLatentAttention, model.ropeType == .yarn, model.rotaryBase == 1 else { return }
    report.error(
      at: Path.model.rotaryBase, "rotary_base is 1, and YaRN divides by its logarithm, 0",
      help: "Moonlight has 50000; take the base that the model was trained with",
      related: [(Path.model.ropeType, "yarn"), (Path.model.multiLatentAttention, "multi-latent attention")])
  }
}
