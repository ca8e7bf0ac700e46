import Diagnostics
import LaunchModel

/// # MLA-07: fused rotation is switched off without rotary positions
///
/// ## What
/// Megatron-Bridge sets `apply_rope_fusion` to false where `position_embedding_type` is not `rope`.
///
/// ## Why
/// The setting then has no effect, and nothing but a line in the log says so.
///
/// ## Example
/// ```yaml
/// model: {apply_rope_fusion: true, position_embedding_type: learned_absolute}
/// ```
///
/// ## Fix
/// Write `position_embedding_type: rope`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `utils/fusions.py`, `validate_rope_fusion_compatibility`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum FusedRotationSwitchedOff: Rule {
  static let code: DiagnosticCode = "MLA-07"
  static let title = "fused rotation is switched off without rotary positions"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.applyRopeFusion, model.positionEmbeddingType == .learnedAbsolute else { return }
    report.note(
      at: Path.model.applyRopeFusion,
      "Megatron-Bridge turns apply_rope_fusion off, since position_embedding_type is learned_absolute",
      help: "write position_embedding_type rope",
      related: [(Path.model.positionEmbeddingType, "learned_absolute")])
  }
}
