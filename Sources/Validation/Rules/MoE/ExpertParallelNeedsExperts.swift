import Diagnostics
import LaunchModel

/// # MOE-01: expert parallelism needs experts
///
/// ## What
/// `expert_model_parallel_size` above 1 needs `num_moe_experts`.
///
/// ## Why
/// There is nothing to spread.
///
/// ## Example
/// ```yaml
/// model: {num_moe_experts: null}
/// parallelism: {expert_model_parallel_size: 8}
/// ```
///
/// ## Fix
/// Write 1.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertParallelNeedsExperts: Rule {
  static let code: DiagnosticCode = "MOE-01"
  static let title = "expert parallelism needs experts"
  static let errorsDependOn: PlanAspects = .expert

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.expert > 1, run.config.model.numMoEExperts == nil else { return }
    report.error(
      at: Path.parallelism.expertModelParallelSize,
      "EP \(run.sizes.expert) spreads routed experts, but num_moe_experts is null",
      help: "write 1 for a dense model", related: [run.expertsRelated],
      fix: .unsafe("write 1", (Path.parallelism.expertModelParallelSize, 1)))
  }
}
