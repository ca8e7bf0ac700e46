import Diagnostics
import LaunchModel

/// # CKPT-07: passing checkpoints are global or local
///
/// ## What
/// `non_persistent_ckpt_type` is `global`, `local` or null.
///
/// ## Why
/// `in_memory`, which Megatron-Bridge's list names too, is not implemented: the first load of a checkpoint fails.
///
/// ## Example
/// ```yaml
/// checkpoint: {non_persistent_ckpt_type: in_memory}
/// ```
///
/// ## Fix
/// `local` needs the package nvidia_resiliency_ext.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/checkpointing.py`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum PassingCheckpointKind: Rule {
  static let code: DiagnosticCode = "CKPT-07"
  static let title = "passing checkpoints are global or local"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let kind = run.config.checkpoint.nonPersistentCkptType, kind != "global", kind != "local" else { return }
    report.warning(
      at: Path.checkpoint.nonPersistentCkptType,
      "`\(kind)` is no kind of passing checkpoint: a run starts with it, but cannot resume",
      help: "`global`, `local` or null",
      fix: .unsafe("write none", (Path.checkpoint.nonPersistentCkptType, .null)))
  }
}
