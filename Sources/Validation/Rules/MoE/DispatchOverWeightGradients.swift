import Diagnostics
import LaunchModel
import Releases

/// # MOE-43: dispatch over weight gradients excludes the other overlaps
///
/// ## What
/// `overlap_dispatch_backward_with_experts_wgrad` excludes `overlap_moe_expert_parallel_comm` and `delay_wgrad_compute`.
///
/// ## Why
/// All three put the experts' weight gradients elsewhere in the backward pass.
///
/// ## Example
/// ```yaml
/// model: {overlap_dispatch_backward_with_experts_wgrad: true}
/// comm_overlap: {overlap_moe_expert_parallel_comm: true}
/// ```
///
/// ## Fix
/// Keep one of them.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum DispatchOverWeightGradients: Rule {
  static let code: DiagnosticCode = "MOE-43"
  static let title = "dispatch over weight gradients excludes the other overlaps"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let path = FieldPath("model", "overlap_dispatch_backward_with_experts_wgrad")
    guard !model.storage.carried.isEmpty, model.isOn(path.field), run.overlap.overlapMoE || run.overlap.delayWgrad
    else {
      return
    }
    let other = run.overlap.overlapMoE ? run.overlap.overlapMoEPath : run.overlap.delayWgradPath
    report.error(
      at: path, "dispatching while weight gradients are computed excludes `\(name: other)`",
      help: "keep one of the two",
      related: [(other, "on")], fix: .unsafe("turn it off", (path, false)))
  }
}
