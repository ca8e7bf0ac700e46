import Diagnostics
import LaunchModel
import Releases

/// # CKPT-02: asynchronous saves have all they need
///
/// ## What
/// `async_save` needs `save`, `use_persistent_ckpt_worker`, and `ckpt_format: torch_dist`, since 0.5.1 that or `fsdp_dtensor`.
/// `async_strategy`, which 0.5.1 brought, is `nvrx` or `mcore`, wanted or not.
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
/// - 0.5.1: megatron-bridge 0.5.1, the same; megatron-core 0.18.2 `training/config/training_config.py`.
/// - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
enum AsynchronousSaves: Rule {
  static let code: DiagnosticCode = "CKPT-02"
  static let title = "asynchronous saves have all they need"
  static let errorsDependOn: PlanAspects = []

  /// Where Megatron-FSDP's format is written asynchronously as well.
  private static let takesFSDP = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    let strategy = FieldPath("checkpoint", "async_strategy")
    if let written = checkpoint.text(strategy.field), !["nvrx", "mcore"].contains(written) {
      report.error(
        at: strategy, "`\(written)` saves nothing asynchronously", help: "`nvrx` or `mcore`",
        fix: .unsafe("take the default", (strategy, nil)))
    }
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
    if checkpoint.ckptFormat != .torchDist,
      checkpoint.ckptFormat != .fsdpDTensor || !takesFSDP.contains(run.release)
    {
      report.error(
        at: Path.checkpoint.ckptFormat, "`async_save` writes `torch_dist`, not `\(checkpoint.ckptFormat.rawValue)`",
        related: related, fix: .unsafe("make it `torch_dist`", (Path.checkpoint.ckptFormat, .string("torch_dist"))))
    }
  }
}
