import Diagnostics
import LaunchModel

/// # RECOMP-11: kept activations are spread once
///
/// ## What
/// With recomputation, `distribute_saved_activations` excludes `sequence_parallel`.
///
/// ## Why
/// Sequence parallelism has spread them already.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 2, sequence_parallel: true}
/// recompute: {recompute_granularity: selective, distribute_saved_activations: true}
/// ```
///
/// ## Fix
/// Turn it off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum DistributedActivations: Rule {
  static let code: DiagnosticCode = "RECOMP-11"
  static let title = "kept activations are spread once"
  static let errorsDependOn: PlanAspects = [.tensor, .recompute]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let recompute = run.config.recompute
    guard recompute.distributeSavedActivations == true, recompute.recomputeGranularity != nil,
      run.config.parallelism.sequenceParallel, run.sizes.tensor > 1
    else { return }
    report.error(
      at: Path.recompute.distributeSavedActivations,
      "sequence_parallel spreads activations already: distribute_saved_activations must be off", help: "turn it off",
      related: [(Path.parallelism.sequenceParallel, "on")],
      fix: .safe("turn it off", (Path.recompute.distributeSavedActivations, false)))
  }
}
