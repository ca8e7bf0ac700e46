import Diagnostics
import LaunchModel

/// # RECOMP-09: fp8 with delayed scaling recomputes neither activations nor norms
///
/// ## What
/// With fp8 and the `delayed` recipe, `recompute_modules` can hold neither `moe_act` nor `layernorm`.
///
/// ## Why
/// Delayed scaling keeps statistics of every forward pass; a second pass would count twice.
///
/// ## Example
/// ```yaml
/// mixed_precision: bf16_with_fp8_delayed_scaling_mixed
/// recompute: {recompute_granularity: selective, recompute_modules: [moe_act]}
/// ```
///
/// ## Fix
/// Use another scaling, or remove the modules.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum RecomputationWithDelayedScaling: Rule {
  static let code: DiagnosticCode = "RECOMP-09"
  static let title = "fp8 with delayed scaling recomputes neither activations nor norms"
  static let errorsDependOn: PlanAspects = .recompute

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.precision.fp8Recipe == "delayed", run.config.recompute.recomputeGranularity == .selective,
      let modules = run.config.recompute.recomputeModules
    else { return }
    let excluded: [RecomputeModule] = [.moeActivation, .layerNorm]
    let present = modules.filter(excluded.contains)
    guard !present.isEmpty else { return }
    report.error(
      at: Path.recompute.recomputeModules,
      "fp8 with delayed scaling cannot recompute \(present.map(\.rawValue).joined(separator: " and "))",
      help: "use current scaling, or remove them", related: [(Path.mixedPrecision.fp8Recipe, "delayed")],
      fix: .unsafe(
        "remove them", (Path.recompute.recomputeModules, modules.filter { !excluded.contains($0) }.configValue)))
  }
}
