import Diagnostics
import LaunchModel

/// # PEFT-23: adapters cannot recompute norms, expert activations or the MLA up-projection at PP 1
///
/// ## What
/// With adapters and one pipeline stage, `recompute_modules` must not hold `layernorm`, `moe_act` or `mla_up_proj`. Whole
/// layers (`recompute_granularity: full`), `moe` and `shared_experts` work.
///
/// ## Why
/// These three free their output and compute it again in the backward pass. All weights are frozen, so the embedding's
/// output needs no gradient, and the first backward pass ends in "Trying to backward through the graph a second time".
/// Megatron-Bridge makes that output need one only where `recompute_method` is set.
///
/// ## Example
/// ```yaml
/// recompute: {recompute_granularity: selective, recompute_modules: [layernorm, moe_act]}
/// peft: {peft_scheme: lora}
/// ```
///
/// ## Fix
/// `recompute_granularity: full`, or `recompute_modules: [moe]`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `tensor_parallel/random.py`, `CheckpointWithoutOutput`; megatron-bridge 0.3.1
///   `peft/recompute.py`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same; seen on an H200.
enum FirstLayerNeedsGradients: Rule {
  static let code: DiagnosticCode = "PEFT-23"
  static let title = "adapters cannot recompute norms, expert activations or the MLA up-projection at PP 1"
  static let errorsDependOn: PlanAspects = [.pipeline, .recompute]

  private static let failing: [RecomputeModule] = [.layerNorm, .moeActivation, .mlaUpProjection]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.peft.isPresent else { return }
    let recompute = run.config.recompute
    // On the CPU engine nothing is freed in this way.
    guard recompute.recomputeGranularity == .selective, let modules = recompute.recomputeModules,
      recompute.recomputeMethod == nil, run.sizes.pipeline == 1, run.start == nil
    else { return }
    let wrong = modules.filter { failing.contains($0) }
    guard !wrong.isEmpty else { return }
    let rest = modules.filter { !failing.contains($0) }
    let names = wrong.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    report.error(
      at: Path.recompute.recomputeModules,
      """
      with adapters alone at PP 1, recomputing \(names) ends the first backward pass: the embedding's output needs no \
      gradient
      """,
      help: "`full`, `moe` and `shared_experts` work",
      related: [
        (Path.peft.peftScheme, "only adapters are trained"), (Path.parallelism.pipelineModelParallelSize, "PP 1"),
      ],
      fix: .unsafe(
        "leave \(wrong.count == 1 ? "it" : "them") out",
        (Path.recompute.recomputeModules, (rest.isEmpty ? [.moe] : rest).configValue)))
  }
}
