import Diagnostics
import LaunchModel

/// # COMM-06: stages talk through NCCL or UCC
///
/// ## What
/// `pipeline_model_parallel_comm_backend` is null, `nccl` or `ucc`; and `ucc` needs `CUDA_DEVICE_MAX_CONNECTIONS` other
/// than 1.
///
/// ## Why
/// Megatron checks both when it makes the pipeline's groups.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_comm_backend: gloo}
/// ```
///
/// ## Fix
/// Leave it out.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum PipelineBackend: Rule {
  static let code: DiagnosticCode = "COMM-06"
  static let title = "stages talk through NCCL or UCC"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let backend = run.config.parallelism.pipelineCommunicationBackend else { return }
    let path = Path.parallelism.pipelineCommunicationBackend
    if backend == "ucc" {
      guard run.config.envVars.carried("CUDA_DEVICE_MAX_CONNECTIONS") == .string("1") else { return }
      report.error(
        at: path, "`ucc` needs `CUDA_DEVICE_MAX_CONNECTIONS` other than 1",
        related: [(FieldPath("env_vars", "CUDA_DEVICE_MAX_CONNECTIONS"), "1")])
    } else if backend != "nccl" {
      report.error(
        at: path, "Megatron's stages do not talk through `\(backend)`", help: "`nccl`, `ucc` or null",
        fix: .unsafe("leave it to Megatron", (path, .null)))
    }
  }
}
