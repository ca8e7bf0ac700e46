import Diagnostics
import LaunchModel

/// # GPU-05: ranks ordered with data parallelism last need equal numbers of replicas
///
/// ## What
/// With `dist.use_tp_pp_dp_mapping` and a pipeline, the data-parallel size of the dense layers must equal that of the
/// routed experts, so TP x CP must equal ETP x EP.
///
/// ## Why
/// Dense and expert layers of a stage must sit on the same GPUs. With the pipeline as the slowest axis they always do;
/// with data as the slowest they do only where both kinds have as many replicas.
///
/// ## Example
/// ```yaml
/// dist: {use_tp_pp_dp_mapping: true}
/// parallelism: {tensor_model_parallel_size: 2, pipeline_model_parallel_size: 4, expert_model_parallel_size: 8,
///   expert_tensor_parallel_size: 1}   # 32 GPUs: 4 dense replicas, 1 of the experts
/// ```
///
/// ## Fix
/// Leave `use_tp_pp_dp_mapping` off, or make TP x CP = ETP x EP.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum EqualReplicasWithDataLast: Rule {
  static let code: DiagnosticCode = "GPU-05"
  static let title = "ranks ordered with data parallelism last need equal numbers of replicas"
  static let errorsDependOn: PlanAspects = [.tensor, .pipeline, .context, .expert, .expertTensor]

  static func check(_ run: RunFacts, _ report: inout Report) {
    for case .unequalDataParallel(let dense, let expert) in run.gridProblems {
      let sizes = run.sizes
      report.error(
        at: Path.dist.useTPPPDPMapping,
        """
        with use_tp_pp_dp_mapping and PP \(sizes.pipeline), dense layers and routed experts need as many replicas, but \
        \(run.worldSize) GPUs / (TP \(sizes.tensor) x PP \(sizes.pipeline) x CP \(sizes.context)) = \(dense) and \
        \(run.worldSize) GPUs / (ETP \(sizes.expertTensor) x EP \(sizes.expert) x PP \(sizes.pipeline)) = \
        \(expert)
        """,
        help: "without use_tp_pp_dp_mapping any two numbers will do",
        related: [
          (Path.parallelism.pipelineModelParallelSize, "PP \(sizes.pipeline)"),
          (Path.parallelism.tensorModelParallelSize, "TP \(sizes.tensor)"),
          (Path.parallelism.expertModelParallelSize, "EP \(sizes.expert)"),
          (Path.parallelism.expertTensorParallelSize, "ETP \(sizes.expertTensor)"),
        ],
        fix: .unsafe("turn it off", (Path.dist.useTPPPDPMapping, false)))
    }
  }
}
