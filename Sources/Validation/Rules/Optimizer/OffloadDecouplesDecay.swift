import Diagnostics
import LaunchModel

/// # OPT-10: offloaded states need decoupled weight decay
///
/// ## What
/// `optimizer_cpu_offload` needs `decoupled_weight_decay`.
///
/// ## Why
/// Megatron's hybrid optimizer is AdamW.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer_cpu_offload: true, decoupled_weight_decay: false}
/// ```
///
/// ## Fix
/// Decouple the weight decay.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/__init__.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum OffloadDecouplesDecay: Rule {
  static let code: DiagnosticCode = "OPT-10"
  static let title = "offloaded states need decoupled weight decay"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.optimizerCPUOffload, !optimizer.decoupledWeightDecay else { return }
    report.error(
      at: Path.optimizer.decoupledWeightDecay, "states in host memory need decoupled weight decay",
      related: [(Path.optimizer.optimizerCPUOffload, "on")],
      fix: .unsafe("decouple it", (Path.optimizer.decoupledWeightDecay, .bool(true))))
  }
}
