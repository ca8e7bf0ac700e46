import Diagnostics
import LaunchModel

/// # PEFT-22: adapters on overlapped shared experts are added once a tensor rank
///
/// ## What
/// With `moe_shared_expert_overlap` and TP > 1 the shared experts' `linear_fc2` does not sum its ranks' parts; the block
/// does so behind it. Its adapter however gives every rank the whole output, so the block adds it TP times.
///
/// ## Why
/// The adapter acts TP times as strongly as `alpha / dim` says, in training and not in the merged weights.
///
/// ## Example
/// ```yaml
/// model: {moe_shared_expert_overlap: true}
/// parallelism: {tensor_model_parallel_size: 2}
/// peft: {target_modules: [linear_fc2]}
/// ```
///
/// ## Fix
/// `moe_shared_expert_overlap: false`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/moe/shared_experts.py` (`parallel_mode = None`, `post_forward_comm`);
///   megatron-bridge 0.3.1 `peft/utils.py`, `ParallelLinearAdapter` (`lin_out_gather_output`).
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: the same in megatron-core 0.19.2 and megatron-bridge 0.6.2.
enum SharedExpertAdaptersUnderOverlap: Rule {
  static let code: DiagnosticCode = "PEFT-22"
  static let title = "adapters on overlapped shared experts are added once a tensor rank"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let size = run.sizes.tensor
    guard size > 1, run.config.peft.isPresent, run.config.model.moeSharedExpertOverlap, run.hasMoELayer,
      run.start == nil,
      run.adapterSelection.contains(where: { $0.module.isSharedExpert && $0.module.kind == .rowParallel })
    else { return }
    report.warning(
      at: Path.model.moeSharedExpertOverlap,
      """
      the shared experts' `linear_fc2` is summed over TP \(size) behind its adapter, which is whole on each rank: it is \
      added \(size) times
      """,
      help: "switch the overlap off",
      related: [
        (Path.peft.targetModules, "an adapter on the shared experts"),
        (Path.parallelism.tensorModelParallelSize, "TP \(size)"),
      ], fix: .unsafe("switch it off", (Path.model.moeSharedExpertOverlap, .bool(false))))
  }
}
