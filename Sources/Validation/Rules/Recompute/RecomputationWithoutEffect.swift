import Diagnostics
import LaunchModel

/// # RECOMP-06: recomputation settings without effect
///
/// ## What
/// Without `recompute_granularity`, the other recomputation fields are ignored; with `full`, `recompute_modules` is.
///
/// ## Why
/// Megatron does not look at them.
///
/// ## Example
/// ```yaml
/// recompute: {recompute_granularity: null, recompute_method: uniform, recompute_num_layers: 1}
/// ```
///
/// ## Fix
/// Write the granularity that was meant.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum RecomputationWithoutEffect: Rule {
  static let code: DiagnosticCode = "RECOMP-06"
  static let title = "recomputation settings without effect"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let recompute = run.config.recompute
    guard recompute.recomputeGranularity != .selective, !run.config.model.moeLayerRecompute else { return }
    let isFull = recompute.recomputeGranularity == .full
    let idle = [
      (Path.recompute.recomputeMethod, !isFull && recompute.recomputeMethod != nil),
      (Path.recompute.recomputeNumLayers, !isFull && recompute.recomputeNumLayers != nil),
      (Path.recompute.recomputeModules, recompute.recomputeModules != nil),
    ].filter(\.1).map(\.0)
    guard let first = idle.first else { return }
    report.note(
      at: first,
      """
      \(names: idle, separator: ", ", quote: "") \(idle.count == 1 ? "has" : "have") no effect: \
      recompute_granularity is \(isFull ? "full" : "null")
      """,
      help: isFull ? "modules are for selective" : "write full or selective to recompute",
      related: [(Path.recompute.recomputeGranularity, isFull ? "full" : "null")]
        + idle.dropFirst().map { ($0, "no effect") })
  }
}
