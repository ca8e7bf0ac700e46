import Diagnostics
import LaunchModel

/// # GPU-02: the GPUs hold a whole number of expert replicas
///
/// ## What
/// `num_nodes * gpus_per_node` must be a multiple of `expert_tensor_parallel_size * expert_model_parallel_size *
/// pipeline_model_parallel_size`, with one expert as well. Where `expert_tensor_parallel_size` is null it is
/// `tensor_model_parallel_size`.
///
/// ## Why
/// Experts are laid over the GPUs independently of the dense layers: neither TP nor CP appears. Megatron-Bridge does
/// not check this before it makes its process groups.
///
/// ## Example
/// ```yaml
/// cluster: {num_nodes: 3, gpus_per_node: 4}
/// parallelism: {tensor_model_parallel_size: 2, expert_model_parallel_size: 8, expert_tensor_parallel_size: 1}
/// ```
///
/// ## Fix
/// Change the number of nodes, or the expert sizes.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertGroupsFillWorld: Rule {
  static let code: DiagnosticCode = "GPU-02"
  static let title = "the GPUs hold a whole number of expert replicas"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.expertDataParallelSize == nil else { return }
    let sizes = run.sizes
    let expertTensor = sizes.expertTensor
    let replica = expertTensor * sizes.expert * sizes.pipeline
    // Where ETP is null it is TP, and TP has its own rule.
    let shown: [ParallelSize] =
      run.config.parallelism.expertTensorParallelSize == nil
      ? [.expert, .pipeline] : [.expert, .expertTensor, .pipeline]
    let blamed = ParallelSize.blamed(shown, run)
    let unwritten: RelatedField = (
      Path.parallelism.tensorModelParallelSize, "expert_tensor_parallel_size is null, so it is TP \(expertTensor)"
    )
    report.error(
      at: blamed.path,
      """
      \(run.worldSize) GPUs / (ETP \(expertTensor) x EP \(sizes.expert) x PP \(sizes.pipeline) = \(replica)) \
      leaves no whole number of expert-data-parallel replicas
      """,
      help: blamed.help(run, replica: replica),
      related: (run.config.parallelism.expertTensorParallelSize == nil ? [unwritten] : [])
        + shown.filter { $0 != blamed }.map { ($0.path, "\($0.abbreviation) \($0.value(run))") } + Help.gpuFields(run))
  }
}
