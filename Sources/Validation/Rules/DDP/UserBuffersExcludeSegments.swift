import Diagnostics
import LaunchModel

/// # DDP-03: user buffers exclude expandable segments
///
/// ## What
/// `ddp.nccl_ub` excludes `expandable_segments:True` in `PYTORCH_CUDA_ALLOC_CONF`.
///
/// ## Why
/// PyTorch's memory pools, in which the buffers are registered, do not work with expandable segments.
///
/// ## Example
/// ```yaml
/// ddp: {nccl_ub: true}
/// env_vars: {PYTORCH_CUDA_ALLOC_CONF: "expandable_segments:True"}
/// ```
///
/// ## Fix
/// Give up one of the two. The variable may also come from the cluster's environment, which is not seen here.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `distributed/distributed_data_parallel_config.py`.
enum UserBuffersExcludeSegments: Rule {
  static let code: DiagnosticCode = "DDP-03"
  static let title = "user buffers exclude expandable segments"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.ddp.ncclUB,
      case .string(let setting)? = run.config.envVars.carried("PYTORCH_CUDA_ALLOC_CONF"),
      setting.split(separator: ",").contains("expandable_segments:True")
    else { return }
    report.error(
      at: Path.ddp.ncclUB, "NCCL user buffers do not work with `expandable_segments:True`",
      related: [(FieldPath("env_vars", "PYTORCH_CUDA_ALLOC_CONF"), "asks for them")],
      fix: .unsafe("switch the buffers off", (Path.ddp.ncclUB, .bool(false))))
  }
}
