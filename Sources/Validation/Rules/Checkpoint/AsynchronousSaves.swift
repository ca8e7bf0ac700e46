import Diagnostics
import LaunchModel

/// # CKPT-02: asynchronous saves have all they need
///
/// ## What
/// `async_save` needs `save`, `use_persistent_ckpt_worker`, and `ckpt_format: torch_dist`.
///
/// ## Why
/// One writer process takes over, and knows one format.
///
/// ## Example
/// ```yaml
/// checkpoint: {async_save: true, save: null}
/// ```
///
/// ## Fix
/// Set what is missing, or save synchronously.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`, `ConfigContainer.validate`.
enum AsynchronousSaves: Rule {
  static let code: DiagnosticCode = "CKPT-02"
  static let title = "asynchronous saves have all they need"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    guard checkpoint.asyncSave else { return }
    let related: [RelatedField] = [(Path.checkpoint.asyncSave, "on")]
    if checkpoint.save == nil {
      report.error(at: Path.checkpoint.save, "`async_save` is on, but `save` is null", related: related)
    }
    if !checkpoint.usePersistentCkptWorker {
      report.error(
        at: Path.checkpoint.usePersistentCkptWorker, "`async_save` needs the persistent writer", related: related,
        fix: .unsafe("switch it on", (Path.checkpoint.usePersistentCkptWorker, .bool(true))))
    }
    if checkpoint.ckptFormat != .torchDist {
      report.error(
        at: Path.checkpoint.ckptFormat, "`async_save` writes `torch_dist`, not `\(checkpoint.ckptFormat.rawValue)`",
        related: related, fix: .unsafe("make it `torch_dist`", (Path.checkpoint.ckptFormat, .string("torch_dist"))))
    }
  }
}
