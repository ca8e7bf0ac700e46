import ConfigDocument
import Diagnostics
import LaunchModel

/// # DDP-08: user buffers switch NVLS on
///
/// ## What
/// With `ddp.nccl_ub` `NCCL_NVLS_ENABLE` is not 0.
///
/// ## Why
/// Where Megatron makes the buffers it sets the variable to 1, whatever it was. Groups of ranks that NCCL connects from then
/// on may reduce in the switches, which somebody wanted to prevent.
///
/// ## Example
/// ```yaml
/// ddp: {nccl_ub: true}
/// env_vars: {NCCL_NVLS_ENABLE: "0"}
/// ```
///
/// ## Fix
/// Give up one of the two. The variable may also come from the cluster's environment, which is not seen here.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `nccl_allocator.py`, `init`, called in `distributed/param_and_grad_buffer.py`, line 755, and
///   in Megatron-FSDP's.
/// - 0.5.1: megatron-core 0.18.2, the same in line 1070.
/// - 0.6.2: megatron-core 0.19.2, the same in line 1131.
enum UserBuffersSwitchNVLSOn: Rule {
  static let code: DiagnosticCode = "DDP-08"
  static let title = "user buffers switch NVLS on"
  static let errorsDependOn: PlanAspects = []

  private static let switches = FieldPath("env_vars", "NCCL_NVLS_ENABLE")

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.ddp.ncclUB, let value = run.config.envVars.carried(switches.field),
      value == .string("0") || value == .int(0)
    else { return }
    report.warning(
      at: switches, "`nccl_ub` sets `NCCL_NVLS_ENABLE` to 1 when its buffers are made, whatever is written here",
      help: "leave one of the two out", related: [(Path.ddp.ncclUB, "NCCL's user buffers")])
  }
}
