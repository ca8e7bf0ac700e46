import Diagnostics
import LaunchModel

/// # RECOMP-05: selective recomputation has no method
///
/// ## What
/// With `recompute_granularity: selective`, `recompute_method` has no effect.
///
/// ## Why
/// Megatron-Core ignores it; Megatron-LM's command line refuses it.
///
/// ## Example
/// ```yaml
/// recompute: {recompute_granularity: selective, recompute_method: uniform}
/// ```
///
/// ## Fix
/// Write null.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SelectiveWithoutMethod: Rule {
  static let code: DiagnosticCode = "RECOMP-05"
  static let title = "selective recomputation has no method"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.recompute.recomputeGranularity == .selective, let method = run.config.recompute.recomputeMethod
    else { return }
    report.note(
      at: Path.recompute.recomputeMethod,
      "recompute_method \(method.rawValue) has no effect on selective recomputation", help: "write null",
      related: [(Path.recompute.recomputeGranularity, "selective")])
  }
}
