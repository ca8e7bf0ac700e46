import Diagnostics
import LaunchModel

/// # DDP-02: fp32 accumulation needs one optimizer instance
///
/// ## What
/// `reduce_scatter_with_fp32_accumulation` excludes `num_distributed_optimizer_instances` above 1.
///
/// ## Why
/// Megatron's reduce-scatter with fp32 accumulation knows one group of replicas.
///
/// ## Example
/// ```yaml
/// ddp: {reduce_scatter_with_fp32_accumulation: true, num_distributed_optimizer_instances: 2}
/// ```
///
/// ## Fix
/// Give up one of the two.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `distributed/param_and_grad_buffer.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum AccumulationNeedsOneInstance: Rule {
  static let code: DiagnosticCode = "DDP-02"
  static let title = "fp32 accumulation needs one optimizer instance"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let ddp = run.config.ddp
    guard ddp.reduceScatterWithFP32Accumulation, ddp.numDistributedOptimizerInstances > 1 else { return }
    report.error(
      at: Path.ddp.reduceScatterWithFP32Accumulation,
      "fp32 accumulation in the reduce-scatter works with one optimizer instance; there are \(ddp.numDistributedOptimizerInstances)",
      related: [(Path.ddp.numDistributedOptimizerInstances, "\(ddp.numDistributedOptimizerInstances) instances")],
      fix: .unsafe("switch it off", (Path.ddp.reduceScatterWithFP32Accumulation, .bool(false))))
  }
}
