import Diagnostics
import LaunchModel

/// # GPU-01: the GPUs hold a whole number of model replicas
///
/// ## What
/// `num_nodes * gpus_per_node` must be a multiple of `tensor_model_parallel_size * pipeline_model_parallel_size *
/// context_parallel_size`. What is left over is the data-parallel size.
///
/// ## Why
/// One replica of the dense layers takes TP x PP x CP GPUs, and every GPU belongs to exactly one replica.
///
/// ## Example
/// ```yaml
/// cluster: {num_nodes: 2, gpus_per_node: 8}
/// parallelism: {tensor_model_parallel_size: 3}   # 16 / 3 is no whole number
/// ```
///
/// ## Fix
/// Change the number of nodes, or choose sizes whose product divides the GPUs.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `get_data_parallel_size`; megatron-core 0.16.1
///   `parallel_state.py`.
/// - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
enum DenseGroupsFillWorld: Rule {
  static let code: DiagnosticCode = "GPU-01"
  static let title = "the GPUs hold a whole number of model replicas"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.dataParallelSize == nil else { return }
    let sizes = run.sizes
    let replica = sizes.tensor * sizes.pipeline * sizes.context
    let shown: [ParallelSize] = [.tensor, .pipeline, .context]
    let blamed = ParallelSize.blamed(shown, run)
    report.error(
      at: blamed.path,
      """
      \(run.worldSize) GPUs / (TP \(sizes.tensor) x PP \(sizes.pipeline) x CP \(sizes.context) = \(replica)) \
      leaves no whole number of data-parallel replicas
      """,
      help: blamed.help(run, replica: replica),
      related: shown.filter { $0 != blamed }.map { ($0.path, "\($0.abbreviation) \($0.value(run))") }
        + Help.gpuFields(run))
  }
}
