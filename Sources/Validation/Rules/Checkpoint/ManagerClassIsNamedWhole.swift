import ConfigDocument
import Diagnostics
import LaunchModel
import Releases

/// # CKPT-15: a checkpoint manager of one's own is named with its module
///
/// ## What
/// `custom_manager_class` is the whole name of a class, such as `package.module.Manager`.
///
/// ## Why
/// Megatron-Bridge refuses a name without a module.
///
/// ## Example
/// ```yaml
/// checkpoint: {custom_manager_class: Manager}
/// ```
///
/// ## Fix
/// Write its module before it, or leave it out. Of other packages than megatron, torch, nvidia, transformers, numpy and nemo no
/// launch of this package makes objects, either.
///
/// ## Source
/// - 0.5.1: megatron-bridge 0.5.1 `training/checkpointing.py`, `create_checkpoint_manager`; `utils/instantiate_utils.py`.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum ManagerClassIsNamedWhole: Rule {
  static let code: DiagnosticCode = "CKPT-15"
  static let title = "a checkpoint manager of one's own is named with its module"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard case .string(let name)? = run.config.checkpoint.carried("custom_manager_class") else { return }
    let path = FieldPath("checkpoint", "custom_manager_class")
    if !name.contains(".") {
      report.error(
        at: path, "`\(name)` names no module, and Megatron-Bridge takes the class of a checkpoint manager from one",
        help: "write it as `package.module.Class`, or leave it out")
    } else if !packages.contains(String(name.prefix { $0 != "." })) {
      report.error(
        at: path, "`\(name)` is in none of the packages that Megatron-Bridge makes objects of",
        help: "leave it out: only a program of your own can allow another (`register_allowed_target_prefix`)")
    }
  }

  /// `_ALLOWED_TARGET_PREFIXES`
  private static let packages: Set<String> = ["megatron", "torch", "nvidia", "transformers", "numpy", "nemo"]
}
