import ConfigDocument
import Diagnostics
import LaunchModel
import Releases

/// # DDP-07: Megatron-FSDP has what it asks for
///
/// ## What
/// With Megatron-FSDP `CUDA_DEVICE_MAX_CONNECTIONS` is not 1, `ddp.fsdp_manual_registration` comes with `ddp.nccl_ub`, and with the sharding
/// `optim_grads_params` `train.check_weight_hash_across_dp_replicas_interval` is null. The distributed optimizer is switched on, whatever is
/// written.
///
/// ## Why
/// Megatron-Bridge refuses the first three. With one connection the gathering of weights would wait for the kernels that it is to run beside,
/// and replicas that share the weights have no two copies to compare.
///
/// ## Example
/// ```yaml
/// ddp: {use_megatron_fsdp: true}
/// env_vars: {CUDA_DEVICE_MAX_CONNECTIONS: "1"}
/// ```
///
/// ## Fix
/// Leave `CUDA_DEVICE_MAX_CONNECTIONS` out.
///
/// ## Source
/// - 0.5.1: megatron-bridge 0.5.1 `training/config.py`, `_validate_and_apply_megatron_fsdp_configs`.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum FSDPHasItsConditions: Rule {
  static let code: DiagnosticCode = "DDP-07"
  static let title = "Megatron-FSDP has what it asks for"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  private static let connections = FieldPath("env_vars", "CUDA_DEVICE_MAX_CONNECTIONS")
  private static let registration = FieldPath("ddp", "fsdp_manual_registration")
  private static let comparison = FieldPath("train", "check_weight_hash_across_dp_replicas_interval")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let config = run.config
    guard config.usesMegatronFSDP else { return }
    let related: RelatedField = (config.megatronFSDPPath, "Megatron-FSDP")
    if let number = config.envVars.carried(connections.field), number == .string("1") || number == .int(1) {
      report.error(
        at: connections, "Megatron-FSDP needs more than one connection to the GPU", help: "leave it out",
        related: [related], fix: .unsafe("leave it out", (connections, nil)))
    }
    if config.ddp.isOn(registration.field), !config.ddp.isOn("nccl_ub") {
      report.error(
        at: registration, "what is registered by hand are NCCL's user buffers, which `nccl_ub` switches on",
        help: "leave it out, or switch `nccl_ub` on", related: [related],
        fix: .unsafe("leave it out", (registration, .bool(false))))
    }
    if config.ddp.dataParallelShardingStrategy == .optimGradsParams, config.train.isSet(comparison.field) {
      report.error(
        at: comparison, "replicas share the weights, so no two copies can be compared", help: "leave it out",
        related: [related, (Path.ddp.dataParallelShardingStrategy, "optim_grads_params")],
        fix: .unsafe("leave it out", (comparison, nil)))
    }
    for (path, isOff) in [
      (
        Path.ddp.useDistributedOptimizer,
        !config.ddp.useDistributedOptimizer && config.ddp.isWritten(\.useDistributedOptimizer)
      ),
      (
        Path.optimizer.useDistributedOptimizer,
        !config.optimizer.useDistributedOptimizer && config.optimizer.isWritten(\.useDistributedOptimizer)
      ),
    ] where isOff {
      report.note(
        at: path, "Megatron-FSDP switches the distributed optimizer on", related: [related],
        fix: .safe("write what is done", (path, .bool(true))))
    }
  }
}
