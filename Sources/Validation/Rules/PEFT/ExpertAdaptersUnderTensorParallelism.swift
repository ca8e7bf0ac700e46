import Diagnostics
import LaunchModel

/// # PEFT-20: adapters on routed experts are not summed over tensor ranks
///
/// ## What
/// With `expert_tensor_parallel_size` > 1, adapters on routed experts compute something else than `B A x`. Layers of experts
/// leave every sum over tensor ranks to the token dispatcher, those of the adapter too: on `linear_fc2` `linear_in` gives
/// each rank its own part of `A x`, which `linear_out` multiplies before it is summed, and the dispatcher then adds the
/// adapter's output once for each rank; on `linear_fc1` the gradient of `linear_in` lacks the parts of the other ranks.
///
/// ## Why
/// The adapters train on wrong gradients, and merged into the weights they are another model than the one trained.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 2, expert_tensor_parallel_size: 2}
/// peft: {target_modules: [linear_fc1, linear_fc2]}
/// ```
///
/// ## Fix
/// `expert_tensor_parallel_size: 1`, or targets outside the routed experts.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `tensor_parallel/layers.py`, `explicit_expert_comm`; megatron-bridge 0.3.1
///   `peft/utils.py`, `ParallelLinearAdapter`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: the same in megatron-core 0.19.2 and megatron-bridge 0.6.2.
enum ExpertAdaptersUnderTensorParallelism: Rule {
  static let code: DiagnosticCode = "PEFT-20"
  static let title = "adapters on routed experts are not summed over tensor ranks"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let size = run.sizes.expertTensor
    guard size > 1, run.config.peft.isPresent, run.start == nil else { return }
    var names: [String] = []
    for match in run.adapterSelection where match.module.isExpert && !names.contains(match.module.name) {
      names.append(match.module.name)
    }
    guard !names.isEmpty else { return }
    let parallelism = Path.parallelism
    let isWritten = run.config.parallelism.expertTensorParallelSize != nil
    report.warning(
      at: Path.peft.targetModules,
      """
      the adapters of the routed experts (\(names.joined(separator: ", "))) are split over ETP \(size), and nothing sums \
      their \(size) parts before `linear_out`: what is trained is not what is written
      """,
      help: "`expert_tensor_parallel_size: 1` keeps experts whole; or leave them out",
      related: [
        isWritten
          ? (parallelism.expertTensorParallelSize, "ETP \(size)")
          : (parallelism.tensorModelParallelSize, "TP \(size), which an unset ETP follows")
      ], fix: .unsafe("keep experts whole", (parallelism.expertTensorParallelSize, 1)))
  }
}
