import Diagnostics
import LaunchModel

/// # MLA-11: multi-latent attention takes rotary positions
///
/// ## What
/// With `multi_latent_attention`, `position_embedding_type` cannot be `yarn`, and `learned_absolute` adds a table of
/// positions on top of the rotation. YaRN is chosen with `rope_type`.
///
/// ## Why
/// MLA rotates queries and keys by itself, by `rope_type`. `position_embedding_type: yarn` makes Megatron look for
/// settings that an MLA model has not, and building it ends in an AttributeError.
///
/// ## Example
/// ```yaml
/// model: {multi_latent_attention: true, position_embedding_type: yarn}
/// ```
///
/// ## Fix
/// Write `position_embedding_type: rope` and `rope_type: yarn`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `models/gpt/gpt_model.py`, `__init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum PositionsOfLatentAttention: Rule {
  static let code: DiagnosticCode = "MLA-11"
  static let title = "multi-latent attention takes rotary positions"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let positions = model.positionEmbeddingType
    // Beside `rope` and `none` its own rotation is there all the same.
    guard model.multiLatentAttention, positions == .yarn || positions == .learnedAbsolute else { return }
    let path = Path.model.positionEmbeddingType
    let related: [RelatedField] = [
      (Path.model.multiLatentAttention, "multi-latent attention"),
      (Path.model.ropeType, "rope_type \(model.ropeType.rawValue)"),
    ]
    if positions == .yarn {
      report.error(
        at: path,
        "multi-latent attention chooses YaRN by rope_type; position_embedding_type yarn cannot be built with it",
        help: "write rope", related: related, fix: .unsafe("write rope", (path, "rope")))
    } else {
      report.warning(
        at: path,
        """
        multi-latent attention rotates by itself; position_embedding_type learned_absolute adds a learned table on \
        top
        """,
        help: "write rope", related: related, fix: .unsafe("write rope", (path, "rope")))
    }
  }
}
