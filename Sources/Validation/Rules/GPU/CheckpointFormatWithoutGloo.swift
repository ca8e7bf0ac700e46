import Diagnostics
import LaunchModel

/// # GPU-11: without gloo groups the distributed optimizer saves as torch_dist
///
/// ## What
/// With `dist.use_gloo_process_groups: false` and the distributed optimizer, `checkpoint.ckpt_format` must be
/// `torch_dist`.
///
/// ## Why
/// Other formats gather the optimizer in host memory over gloo. Megatron-Bridge's own assertion has no message.
///
/// ## Example
/// ```yaml
/// dist: {use_gloo_process_groups: false}
/// checkpoint: {ckpt_format: fsdp_dtensor}
/// ```
///
/// ## Fix
/// Use `torch_dist`, or keep the gloo groups.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
enum CheckpointFormatWithoutGloo: Rule {
  static let code: DiagnosticCode = "GPU-11"
  static let title = "without gloo groups the distributed optimizer saves as torch_dist"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let config = run.config
    guard !config.dist.useGlooProcessGroups, config.checkpoint.ckptFormat != .torchDist,
      config.optimizer.useDistributedOptimizer || config.ddp.useDistributedOptimizer
    else { return }
    report.error(
      at: Path.checkpoint.ckptFormat,
      """
      without gloo process groups the distributed optimizer can only be saved as torch_dist, but ckpt_format is \
      \(config.checkpoint.ckptFormat.rawValue)
      """,
      help: "write torch_dist, or keep use_gloo_process_groups on",
      related: [
        (Path.dist.useGlooProcessGroups, "off"), (Path.optimizer.useDistributedOptimizer, "the distributed optimizer"),
      ],
      fix: .unsafe("write torch_dist", (Path.checkpoint.ckptFormat, "torch_dist")))
  }
}
