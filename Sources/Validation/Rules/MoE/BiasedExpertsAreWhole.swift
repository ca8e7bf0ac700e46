import Diagnostics
import LaunchModel

/// # MOE-25: biased experts are not cut
///
/// ## What
/// With routed experts, `add_bias_linear` needs an expert tensor size of 1.
///
/// ## Why
/// A bias cannot be added once where the experts' output is added up over GPUs.
///
/// ## Example
/// ```yaml
/// model: {num_moe_experts: 64, add_bias_linear: true}
/// parallelism: {expert_tensor_parallel_size: 2}
/// ```
///
/// ## Fix
/// Turn the biases off: no model of this family has them.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum BiasedExpertsAreWhole: Rule {
  static let code: DiagnosticCode = "MOE-25"
  static let title = "biased experts are not cut"
  static let errorsDependOn: PlanAspects = [.tensor, .expertTensor]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.addBiasLinear, run.config.model.numMoEExperts != nil, run.sizes.expertTensor != 1
    else { return }
    report.error(
      at: Path.model.addBiasLinear,
      """
      experts with biases cannot be cut, but ETP is \
      \(run.sizes.expertTensor)\(run.config.parallelism.expertTensorParallelSize == nil ? " (null: TP)" : "")
      """,
      help: "turn the biases off, or write expert_tensor_parallel_size 1",
      related: [
        (Path.parallelism.expertTensorParallelSize, "ETP \(run.sizes.expertTensor)"),
        (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"), run.expertsRelated,
      ],
      fix: .unsafe("turn the biases off", (Path.model.addBiasLinear, false)))
  }
}
