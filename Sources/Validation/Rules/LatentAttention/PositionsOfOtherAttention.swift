import ConfigDocument
import Diagnostics
import LaunchModel

/// # MLA-16: multi-latent attention has its own rotation
///
/// ## What
/// Multi-latent attention makes its rotation from `rope_type`, `rotary_base`, `rotary_scaling_factor`,
/// `original_max_position_embeddings`, `beta_fast`, `beta_slow`, `mscale` and `mscale_all_dim`, in every layer. The settings
/// of other attention do nothing: `rope_scaling`, `rope_scaling_factor`, `seq_len_interpolation_factor`, `yarn_*`,
/// `no_rope_freq`, `softmax_scale`, `position_embedding_type: none`. And `rotary_percent` with `rope` is a share of
/// `qk_pos_emb_head_dim`, the part that is rotated already, with `yarn` nothing.
///
/// ## Why
/// The model is rotated otherwise than written: a context that was to be stretched is not, or layers that were to have no
/// positions have them.
///
/// ## Example
/// ```yaml
/// model: {multi_latent_attention: true, rope_scaling: true, rope_scaling_factor: 8}
/// ```
///
/// ## Fix
/// `rope_type: yarn` with `rotary_scaling_factor` and `original_max_position_embeddings`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/multi_latent_attention.py`, `__init__`; `models/gpt/gpt_model.py` (builds no
///   rotation of its own for it).
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same; `transformer/attention.py` alone reads `no_rope_freq` and `softmax_scale`.
enum PositionsOfOtherAttention: Rule {
  static let code: DiagnosticCode = "MLA-16"
  static let title = "multi-latent attention has its own rotation"
  static let errorsDependOn: PlanAspects = []

  private static let names: Set<String> = [
    "rope_scaling", "rope_scaling_factor", "seq_len_interpolation_factor", "no_rope_freq", "softmax_scale",
    "yarn_rotary_scaling_factor", "yarn_original_max_position_embeddings", "yarn_beta_fast", "yarn_beta_slow",
    "yarn_mscale", "yarn_mscale_all_dim",
  ]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.multiLatentAttention else { return }
    for field in model.storage.carried where names.contains(field.name) && isChosen(field.name, field.value, run) {
      report.warning(
        at: FieldPath("model", field.name),
        "`\(field.name)` \(field.value.short) has no effect on multi-latent attention, which has its own rotation and scale",
        help: help(field.name), related: [(Path.model.multiLatentAttention, "multi-latent attention")])
    }
    if model.rotaryPercent != 1 {
      let width = model.qkPosEmbHeadDim
      let rotated = Int((Double(width) * model.rotaryPercent).rounded(.down))
      report.warning(
        at: Path.model.rotaryPercent,
        model.ropeType == .yarn
          ? "`rotary_percent` \(model.rotaryPercent) has no effect with YaRN: all \(width) numbers are rotated"
          : """
          `rotary_percent` \(model.rotaryPercent) is a share of the \(width) numbers that multi-latent attention \
          rotates, not of the head: \(rotated) of \(model.qkHeadDim + width) are
          """,
        help: "the rotated part is `qk_pos_emb_head_dim` wide", related: [(Path.model.qkPosEmbHeadDim, "\(width)")],
        fix: .unsafe("rotate all of them", (Path.model.rotaryPercent, .int(1))))
    }
    if model.positionEmbeddingType == .none {
      report.warning(
        at: Path.model.positionEmbeddingType,
        "`none` does not switch the rotation of multi-latent attention off: every layer has `\(model.ropeType.rawValue)`",
        help: "write `rope`", related: [(Path.model.ropeType, "\(model.ropeType.rawValue)")],
        fix: .unsafe("write what is done", (Path.model.positionEmbeddingType, "rope")))
    }
  }

  /// Bridge's defaults stand in every file that it writes.
  private static func isChosen(_ name: String, _ value: ConfigValue, _ run: RunFacts) -> Bool {
    guard value != .null, value != .bool(false) else { return false }
    switch name {
    // Without `rope_scaling` the factor has no effect on other attention either.
    case "rope_scaling_factor": return run.config.model.carried("rope_scaling") == .bool(true)
    case "seq_len_interpolation_factor": return Double(value) != 1
    default: return true
    }
  }

  private static func help(_ name: String) -> Message? {
    switch name {
    case "no_rope_freq", "softmax_scale": nil
    case "yarn_original_max_position_embeddings": "`original_max_position_embeddings`"
    case "yarn_beta_fast", "yarn_beta_slow", "yarn_mscale", "yarn_mscale_all_dim":
      "`\(String(name.dropFirst("yarn_".count)))`"
    default: "`rope_type: yarn` with `rotary_scaling_factor`"
    }
  }
}
