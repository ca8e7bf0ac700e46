import Diagnostics
import LaunchModel

/// # CKPT-06: optimizer states are fully reshardable one way
///
/// ## What
/// `dist_ckpt_optim_fully_reshardable` excludes `distrib_optim_fully_reshardable_mem_efficient`.
///
/// ## Why
/// Megatron-Bridge refuses the pair, though its message speaks of gloo.
///
/// ## Example
/// ```yaml
/// checkpoint: {dist_ckpt_optim_fully_reshardable: true, distrib_optim_fully_reshardable_mem_efficient: true}
/// ```
///
/// ## Fix
/// Switch the second off.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum ReshardableOneWay: Rule {
  static let code: DiagnosticCode = "CKPT-06"
  static let title = "optimizer states are fully reshardable one way"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    guard checkpoint.distCkptOptimFullyReshardable, checkpoint.distribOptimFullyReshardableMemEfficient else { return }
    report.error(
      at: Path.checkpoint.distribOptimFullyReshardableMemEfficient,
      """
      Megatron-Bridge refuses `distrib_optim_fully_reshardable_mem_efficient` beside \
      `dist_ckpt_optim_fully_reshardable`
      """,
      related: [(Path.checkpoint.distCkptOptimFullyReshardable, "on")],
      fix: .unsafe("switch it off", (Path.checkpoint.distribOptimFullyReshardableMemEfficient, .bool(false))))
  }
}
