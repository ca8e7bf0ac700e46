import Diagnostics
import LaunchModel
import Releases

/// # MUON-13: Muon's states stay on the GPU
///
/// ## What
/// `muon` and `dist_muon`, and `adaptive_muon`, `soap` and `lion`, exclude `optimizer_cpu_offload`, whatever the fraction.
///
/// ## Why
/// The optimizer of what is no matrix is made unwrapped, and that one cannot be offloaded.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: dist_muon, optimizer_cpu_offload: true}
/// ```
///
/// ## Fix
/// Keep the states on the GPU; `use_layer_wise_distributed_optimizer` spreads them over the replicas.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2, `optimizer/__init__.py`, `_get_megatron_optimizer_based_on_param_groups`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MuonStatesStayOnGPU: Rule {
  static let code: DiagnosticCode = "MUON-13"
  static let title = "Muon's states stay on the GPU"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.optimizerCPUOffload, optimizer.optimizer.isEmerging, optimizer.decoupledWeightDecay else { return }
    report.error(
      at: Path.optimizer.optimizerCPUOffload,
      "the states of `\(optimizer.optimizer.rawValue)` cannot be in host memory",
      help: "`\(MuonIsNotDistributed.layerWise(run.release))` spreads them over the replicas",
      related: [(Path.optimizer.optimizer, "`\(optimizer.optimizer.rawValue)`")],
      fix: .unsafe("turn it off", (Path.optimizer.optimizerCPUOffload, false)))
  }
}
