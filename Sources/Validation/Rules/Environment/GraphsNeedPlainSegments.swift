import ConfigDocument
import Diagnostics
import LaunchModel

/// # ENV-03: CUDA graphs and expandable segments need unregistered buffers
///
/// ## What
/// CUDA graphs with `PYTORCH_CUDA_ALLOC_CONF: expandable_segments:True` need `NCCL_GRAPH_REGISTER: "0"`.
///
/// ## Why
/// Megatron stops where graphs are captured: NCCL would register memory that the allocator moves. (Its own graphs,
/// `cuda_graph_impl: local`, ask for it before Blackwell only.)
///
/// ## Example
/// ```yaml
/// model: {cuda_graph_impl: transformer_engine}
/// env_vars: {PYTORCH_CUDA_ALLOC_CONF: "expandable_segments:True"}
/// ```
///
/// ## Fix
/// `env_vars: {NCCL_GRAPH_REGISTER: "0"}`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/cuda_graphs.py`, `TECudaGraphHelper` and `CudaGraphManager`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum GraphsNeedPlainSegments: Rule {
  static let code: DiagnosticCode = "ENV-03"
  static let title = "CUDA graphs and expandable segments need unregistered buffers"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let variables = run.config.envVars
    let implementation = run.config.model.cudaGraphImplementation
    guard !variables.storage.carried.isEmpty, implementation == "transformer_engine" || implementation == "local",
      case .string(let setting)? = variables.carried("PYTORCH_CUDA_ALLOC_CONF"),
      setting.contains("expandable_segments:True"), isUnset(variables.carried("NCCL_GRAPH_REGISTER"))
    else { return }
    let path = FieldPath("env_vars", "PYTORCH_CUDA_ALLOC_CONF")
    let register = FieldPath("env_vars", "NCCL_GRAPH_REGISTER")
    report.warning(
      at: path,
      "Megatron does not capture CUDA graphs over expandable segments unless `NCCL_GRAPH_REGISTER` is 0",
      help: "set it to 0", related: [(Path.model.cudaGraphImplementation, "\(implementation)")],
      fix: .unsafe("set it to 0", (register, .string("0"))))
  }

  private static func isUnset(_ value: ConfigValue?) -> Bool { value != .string("0") && value != .int(0) }
}
