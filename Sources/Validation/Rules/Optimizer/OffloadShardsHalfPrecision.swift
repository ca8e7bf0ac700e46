import Diagnostics
import LaunchModel

/// # OPT-14: offloaded shards hold 16-bit weights
///
/// ## What
/// `optimizer_cpu_offload` with the distributed optimizer needs weights in bf16 or fp16. Muon does not look at it.
///
/// ## Why
/// The hybrid optimizer is made of the shards of the weights. Those of 16-bit weights are copies in fp32; those of fp32
/// weights are views, which PyTorch's optimizers refuse.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer_cpu_offload: true, use_distributed_optimizer: true}
/// mixed_precision: {fp32: true}
/// ```
///
/// ## Fix
/// Train in bf16, or switch the offload off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/distrib_optimizer.py`, `__init__`;
///   `optimizer/cpu_offloading/hybrid_optimizer.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum OffloadShardsHalfPrecision: Rule {
  static let code: DiagnosticCode = "OPT-14"
  static let title = "offloaded shards hold 16-bit weights"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (optimizer, mixed) = (run.config.optimizer, run.config.mixedPrecision)
    guard optimizer.optimizerCPUOffload, !optimizer.optimizer.isEmerging, !run.precision.bf16, !run.precision.fp16
    else {
      return
    }
    guard optimizer.useDistributedOptimizer || run.config.ddp.useDistributedOptimizer else { return }
    let own = FieldPath("model", "params_dtype")
    let (path, format) =
      mixed.isPresent
      ? (Path.mixedPrecision.paramsDtype, mixed.paramsDtype?.rawValue)
      : (own, run.config.model.carried(own.field).flatMap { String($0) })
    guard format ?? DataType.fp32.rawValue == DataType.fp32.rawValue else { return }
    report.error(
      at: Path.optimizer.optimizerCPUOffload,
      "the distributed optimizer moves shards of bf16 or fp16 weights to host memory, but the weights are fp32",
      help: "train in bf16, or switch it off",
      related: [(path, "\(format ?? "fp32 by default")"), (Path.optimizer.useDistributedOptimizer, "in shards")],
      fix: .unsafe("switch it off", (Path.optimizer.optimizerCPUOffload, .bool(false))))
  }
}
