import Diagnostics
import LaunchModel

/// # MLA-15: attention gets YaRN's temperature, whatever `rope_type` is
///
/// ## What
/// Multi-latent attention multiplies its scores by (0.1 `mscale_all_dim` ln `rotary_scaling_factor` + 1)², also with
/// `rope_type: rope`, which stretches nothing. With `yarn` the rotated parts of queries and keys are multiplied besides by
/// (0.1 `mscale` ln f + 1) / (0.1 `mscale_all_dim` ln f + 1), which is 1 where the two are equal.
///
/// ## Why
/// `rotary_scaling_factor` is 40 unless written. With plain rotation and `mscale_all_dim: 1` the scores are 1.87 times
/// what they should be. A `mscale` other than `mscale_all_dim` scales the rotated part twice, once for each of the two.
///
/// ## Example
/// ```yaml
/// model: {multi_latent_attention: true, rope_type: rope, mscale_all_dim: 1}   # rotary_scaling_factor 40
/// ```
///
/// ## Fix
/// `rotary_scaling_factor: 1` with `rope`; `mscale` equal to `mscale_all_dim` with `yarn`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/multi_latent_attention.py`, `softmax_scale`;
///   `models/common/embeddings/yarn_rotary_pos_embedding.py`, `_yarn_get_mscale`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum TemperatureWithoutStretching: Rule {
  static let code: DiagnosticCode = "MLA-15"
  static let title = "attention gets YaRN's temperature, whatever `rope_type` is"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let factor = model.rotaryScalingFactor
    // Most models stretch nothing.
    guard factor > 1, model.multiLatentAttention else { return }
    let whole = YaRNTemperature.of(factor: factor, mscale: model.mscaleAllDim)
    if model.ropeType == .rope {
      guard whole != 1 else { return }
      report.warning(
        at: Path.model.ropeType,
        """
        `rope` stretches nothing, but attention's scores are still multiplied by (0.1 x \
        \(model.mscaleAllDim.hundredths) x ln \(factor.hundredths) + 1)² = \((whole * whole).hundredths)
        """,
        help: "`rotary_scaling_factor: 1` for plain rotation, `rope_type: yarn` for a stretched context",
        related: [
          (Path.model.rotaryScalingFactor, "\(factor)"), (Path.model.mscaleAllDim, "\(model.mscaleAllDim)"),
        ], fix: .unsafe("stretch nothing", (Path.model.rotaryScalingFactor, .int(1))))
      return
    }
    let rotated = YaRNTemperature.of(factor: factor, mscale: model.mscale) / whole
    guard model.mscale != model.mscaleAllDim, model.mscaleAllDim != 0 else { return }
    report.warning(
      at: Path.model.mscale,
      """
      attention is scaled twice: all of its scores by \((whole * whole).hundredths) for `mscale_all_dim` \
      \(model.mscaleAllDim.hundredths), and the rotated part by another \((rotated * rotated).hundredths), since \
      `mscale` is \(model.mscale.hundredths)
      """,
      help: "released models have both alike, so that the second factor is 1",
      related: [
        (Path.model.mscaleAllDim, "\(model.mscaleAllDim)"), (Path.model.rotaryScalingFactor, "\(factor)"),
      ], fix: .unsafe("make them alike", (Path.model.mscale, model.mscaleAllDim.configValue)))
  }
}
