import Diagnostics
import LaunchModel

/// # GPU-03: an unset expert tensor size follows the tensor size
///
/// ## What
/// Where `expert_tensor_parallel_size` is null, Megatron takes `tensor_model_parallel_size` for it. The note says what
/// that means for the routed experts and for the number of GPUs.
///
/// ## Why
/// The experts are then cut as the dense layers are, and their groups take ETP x EP x PP GPUs: TP times as many as with
/// `expert_tensor_parallel_size: 1`, which is what fine-grained experts want.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 2, expert_model_parallel_size: 8}   # needs 16 GPUs a pipeline stage
/// ```
///
/// ## Fix
/// Write the size: 1 to keep experts whole.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `model_parallel_config.py`, `__post_init__`; `parallel_state.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertTensorSizeFollowsTensorSize: Rule {
  static let code: DiagnosticCode = "GPU-03"
  static let title = "an unset expert tensor size follows the tensor size"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let sizes = run.sizes
    guard run.config.parallelism.expertTensorParallelSize == nil, sizes.tensor > 1, run.hasMoELayer,
      run.expertDataParallelSize != nil
    else {
      return
    }
    report.note(
      at: Path.parallelism.expertTensorParallelSize,
      """
      expert_tensor_parallel_size is null, so Megatron takes TP \(sizes.tensor): every routed expert is cut in \
      \(sizes.tensor), and ETP \(sizes.tensor) x EP \(sizes.expert) x PP \(sizes.pipeline) = \
      \(sizes.tensor * sizes.expert * sizes.pipeline) GPUs hold one set of experts
      """,
      help: "write 1 to keep experts whole, \(sizes.tensor) to say that this is meant",
      related: [(Path.parallelism.tensorModelParallelSize, "TP \(sizes.tensor)")])
  }
}
