import Diagnostics
import LaunchModel
import Releases

/// # MOE-19: the flex dispatcher needs several GPUs
///
/// ## What
/// With `moe_token_dispatcher_type: flex`, `expert_tensor_parallel_size` times `expert_model_parallel_size` must be
/// above 1. A null `expert_tensor_parallel_size` is TP.
///
/// ## Why
/// With one GPU no token travels.
///
/// ## Example
/// ```yaml
/// model: {moe_token_dispatcher_type: flex}
/// parallelism: {expert_model_parallel_size: 1, expert_tensor_parallel_size: 1}
/// ```
///
/// ## Fix
/// Use `alltoall`, or EP above 1.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `moe/token_dispatcher.py`, `MoEFlexTokenDispatcher.__init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum FlexNeedsExpertParallel: Rule {
  static let code: DiagnosticCode = "MOE-19"
  static let title = "the flex dispatcher needs several GPUs"
  static let errorsDependOn: PlanAspects = [.tensor, .expert, .expertTensor]

  /// Where HybridEP sends within one GPU as well.
  private static let hybridTakesOne = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard run.hasMoELayer, model.moeTokenDispatcherType == .flex, run.sizes.expert == 1, run.sizes.expertTensor == 1
    else { return }
    // The others ask for it.
    if hybridTakesOne.contains(run.release), model.moeFlexDispatcherBackend == .hybridep, !model.moeEnableDeepEP {
      return
    }
    report.error(
      at: Path.model.moeTokenDispatcherType, "the flex dispatcher sends tokens between GPUs, but ETP 1 x EP 1 = 1",
      help: "use alltoall, or EP above 1",
      related: [
        (Path.parallelism.expertModelParallelSize, "EP 1"), (Path.parallelism.expertTensorParallelSize, "ETP 1"),
        (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"),
      ],
      fix: .unsafe("use alltoall", (Path.model.moeTokenDispatcherType, "alltoall")))
  }
}
