import Diagnostics
import LaunchModel

/// # MLA-20: YaRN stretches far enough, and at the right end
///
/// ## What
/// With `rope_type: yarn` and a `rotary_scaling_factor` above 1 the positions that the model knows,
/// `original_max_position_embeddings`, are stretched to so many times as many, which should be at least `seq_length`. `beta_fast` is above
/// `beta_slow`: what turns more than `beta_fast` times within them is left as it is, what turns less than `beta_slow` times is stretched.
///
/// ## Why
/// Nothing looks at either. Past the stretched positions there are angles that the model was never trained on, which is what YaRN is to
/// prevent. With the two betas exchanged the fast frequencies are stretched and the slow ones are not, so that neighbours can no longer be told
/// apart.
///
/// ## Example
/// ```yaml
/// model: {seq_length: 131072, rope_type: yarn, rotary_scaling_factor: 8, original_max_position_embeddings: 8192}
/// ```
///
/// ## Fix
/// `rotary_scaling_factor: 16`.
///
/// ## Source
/// arXiv 2309.00071, section 3.2.
/// - 0.3.1: megatron-core 0.16.1 `models/common/embeddings/yarn_rotary_pos_embedding.py`, `_yarn_find_correction_range`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum StretchingReachesTheSequence: Rule {
  static let code: DiagnosticCode = "MLA-20"
  static let title = "YaRN stretches far enough, and at the right end"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let factor = model.rotaryScalingFactor
    guard model.multiLatentAttention, model.ropeType == .yarn, factor > 1, factor.isFinite else { return }
    let known = Double(model.originalMaxPositionEmbeddings)
    if known > 0, known * factor < Double(model.seqLength) {
      let needed = (Double(model.seqLength) / known).rounded(.up)
      report.warning(
        at: Path.model.rotaryScalingFactor,
        """
        YaRN stretches \(model.originalMaxPositionEmbeddings) positions \(factor.tenths) times, to \
        \(Int(known * factor)): fewer than the \(model.seqLength) of a sequence
        """,
        help: "at least \(Int(needed))",
        related: [
          (Path.model.originalMaxPositionEmbeddings, "\(model.originalMaxPositionEmbeddings) positions"),
          (Path.model.seqLength, "\(model.seqLength) tokens"),
        ], fix: .unsafe("stretch them \(Int(needed)) times", (Path.model.rotaryScalingFactor, .float(needed))))
    }
    if model.betaFast < model.betaSlow {
      report.warning(
        at: Path.model.betaFast,
        "`beta_fast` \(model.betaFast.tenths) is below `beta_slow` \(model.betaSlow.tenths): the fast frequencies are stretched, and not the slow ones",
        help: "exchange the two", related: [(Path.model.betaSlow, "\(model.betaSlow.tenths)")],
        fix: .unsafe(
          "exchange the two", (Path.model.betaFast, .float(model.betaSlow)),
          (Path.model.betaSlow, .float(model.betaFast))))
    }
  }
}
