import Diagnostics
import LaunchModel

/// # MOE-26: shared experts have no biases
///
/// ## What
/// With shared experts, `add_bias_linear` must be off.
///
/// ## Why
/// Megatron's shared experts are not written for biases; building one refuses.
///
/// ## Example
/// ```yaml
/// model: {add_bias_linear: true, moe_shared_expert_intermediate_size: 2816}
/// ```
///
/// ## Fix
/// Turn the biases off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `moe/shared_experts.py`, `SharedExpertMLP.__init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SharedExpertsWithoutBias: Rule {
  static let code: DiagnosticCode = "MOE-26"
  static let title = "shared experts have no biases"
  static let errorsDependOn: PlanAspects = .expertTensor

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.addBiasLinear, run.hasMoELayer, run.hasSharedExperts,
      // One root cause: where the experts are cut, MOE-25 speaks of the biases.
      run.sizes.expertTensor == 1
    else { return }
    report.error(
      at: Path.model.addBiasLinear, "shared experts have no biases, but add_bias_linear is on", help: "turn it off",
      related: [run.sharedExpertsRelated], fix: .unsafe("turn it off", (Path.model.addBiasLinear, false)))
  }
}
