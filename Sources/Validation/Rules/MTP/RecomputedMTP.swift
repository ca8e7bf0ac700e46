import Diagnostics
import LaunchModel

/// # MTP-02: recomputing MTP layers
///
/// ## What
/// With MTP layers and `recompute_granularity: full`, the method `uniform` needs `recompute_num_layers: 1`. With
/// `block` the MTP layers are not recomputed.
///
/// ## Why
/// An MTP layer is a group of its own. The first step refuses others.
///
/// ## Example
/// ```yaml
/// model: {mtp_num_layers: 1}
/// recompute: {recompute_granularity: full, recompute_method: uniform, recompute_num_layers: 3}
/// ```
///
/// ## Fix
/// Write 1.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `multi_token_prediction.py`, `_checkpointed_forward`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum RecomputedMTP: Rule {
  static let code: DiagnosticCode = "MTP-02"
  static let title = "recomputing MTP layers"
  static let errorsDependOn: PlanAspects = .recompute

  static func check(_ run: RunFacts, _ report: inout Report) {
    let recompute = run.config.recompute
    guard run.architecture.mtpNumLayers > 0, recompute.recomputeGranularity == .full,
      let layers = recompute.recomputeNumLayers
    else { return }
    let mtp: RelatedField = (Path.model.mtpNumLayers, "\(Help.count(run.architecture.mtpNumLayers, "MTP layer"))")
    switch recompute.recomputeMethod {
    case .uniform? where layers > 1:
      report.error(
        at: Path.recompute.recomputeNumLayers,
        """
        an MTP layer is recomputed by itself: with MTP, uniform recomputation takes recompute_num_layers 1, not \
        \(layers)
        """,
        help: "write 1", related: [mtp, (Path.recompute.recomputeMethod, "uniform")],
        fix: .unsafe("write 1", (Path.recompute.recomputeNumLayers, 1)))
    case .block?:
      report.note(
        at: Path.recompute.recomputeMethod, "with the method block, Megatron does not recompute MTP layers",
        related: [mtp])
    default: break
    }
  }
}
