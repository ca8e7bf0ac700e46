import Diagnostics
import LaunchModel

/// # MOE-03: the width of experts
///
/// ## What
/// `moe_ffn_hidden_size` stands only beside `num_moe_experts`. Where there are experts and it is null, each is as wide
/// as a dense layer.
///
/// ## Why
/// A width without experts has no meaning, and Megatron refuses it. Experts as wide as dense layers are rarely meant in
/// this family: Moonlight's are an eighth.
///
/// ## Example
/// ```yaml
/// model: {num_moe_experts: null, moe_ffn_hidden_size: 1408}
/// ```
///
/// ## Fix
/// Write both or neither.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertWidth: Rule {
  static let code: DiagnosticCode = "MOE-03"
  static let title = "the width of experts"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    switch (model.numMoEExperts, model.moeFFNHiddenSize) {
    case (nil, let width?):
      report.error(
        at: Path.model.moeFFNHiddenSize, "moe_ffn_hidden_size is \(width), but num_moe_experts is null",
        help: "write null for a dense model", related: [run.expertsRelated],
        fix: .unsafe("write null", (Path.model.moeFFNHiddenSize, .null)))
    case (_?, nil):
      report.note(
        at: Path.model.moeFFNHiddenSize,
        """
        moe_ffn_hidden_size is null, so each routed expert is as wide as a dense layer: \
        \(run.architecture.ffnHiddenSize)
        """,
        help: "write the width of one expert",
        related: [(Path.model.ffnHiddenSize, "\(run.architecture.ffnHiddenSize)"), run.expertsRelated])
    default: break
    }
  }
}
