import Diagnostics
import LaunchModel

/// # RECOMP-04: selective recomputation counts no layers
///
/// ## What
/// With `recompute_granularity: selective`, `recompute_num_layers` must be null.
///
/// ## Why
/// It recomputes the same parts of every layer.
///
/// ## Example
/// ```yaml
/// recompute: {recompute_granularity: selective, recompute_num_layers: 1}
/// ```
///
/// ## Fix
/// Write null.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SelectiveWithoutLayers: Rule {
  static let code: DiagnosticCode = "RECOMP-04"
  static let title = "selective recomputation counts no layers"
  static let errorsDependOn: PlanAspects = .recompute

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.recompute.recomputeGranularity == .selective, let layers = run.config.recompute.recomputeNumLayers
    else { return }
    report.error(
      at: Path.recompute.recomputeNumLayers,
      "selective recomputation takes parts of every layer, but recompute_num_layers is \(layers)", help: "write null",
      related: [(Path.recompute.recomputeGranularity, "selective")],
      fix: .safe("write null", (Path.recompute.recomputeNumLayers, .null)))
  }
}
