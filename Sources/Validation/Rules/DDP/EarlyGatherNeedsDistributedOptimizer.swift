import Diagnostics
import LaunchModel

/// # DDP-01: weights are gathered early only with the distributed optimizer
///
/// ## What
/// `ddp.overlap_param_gather` has no effect without the distributed optimizer or, where the release has that switch, the
/// layer-wise one.
///
/// ## Why
/// Without them every replica has all weights already: there is nothing to gather.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: dist_muon, use_distributed_optimizer: false}
/// ddp: {overlap_param_gather: true, use_distributed_optimizer: false}
/// ```
///
/// ## Fix
/// Switch it off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `distributed/distributed_data_parallel.py`.
/// - 0.5.1: megatron-core 0.18.2, the same, `DistributedDataParallel.__init__` (also the layer-wise optimizer).
/// - 0.6.2: megatron-core 0.19.2, the same.
enum EarlyGatherNeedsDistributedOptimizer: Rule {
  static let code: DiagnosticCode = "DDP-01"
  static let title = "weights are gathered early only with the distributed optimizer"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.ddp.overlapParamGather, !run.overlap.effective.useDistributedOptimizer,
      !run.config.usesMegatronFSDP,
      !(run.config.optimizer.isLayerWise && run.release.hasLayerWiseSwitch)
    else { return }
    report.note(
      at: Path.ddp.overlapParamGather,
      "without the distributed optimizer there are no weights to gather: `overlap_param_gather` has no effect",
      related: [(Path.ddp.useDistributedOptimizer, "off"), (Path.optimizer.useDistributedOptimizer, "off")],
      fix: .safe("switch it off", (Path.ddp.overlapParamGather, .bool(false))))
  }
}
