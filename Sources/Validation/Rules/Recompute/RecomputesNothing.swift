import Diagnostics
import LaunchModel

/// # RECOMP-07: recomputing no part
///
/// ## What
/// With `recompute_granularity: selective`, an empty `recompute_modules` recomputes nothing. Null recomputes
/// `core_attn`.
///
/// ## Why
/// The list replaces the default.
///
/// ## Example
/// ```yaml
/// recompute: {recompute_granularity: selective, recompute_modules: []}
/// ```
///
/// ## Fix
/// Name modules, or write null.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum RecomputesNothing: Rule {
  static let code: DiagnosticCode = "RECOMP-07"
  static let title = "recomputing no part"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.recompute.recomputeGranularity == .selective, run.config.recompute.recomputeModules == [] else {
      return
    }
    report.note(
      at: Path.recompute.recomputeModules, "an empty recompute_modules recomputes nothing",
      help: "null recomputes core_attn", related: [(Path.recompute.recomputeGranularity, "selective")])
  }
}
