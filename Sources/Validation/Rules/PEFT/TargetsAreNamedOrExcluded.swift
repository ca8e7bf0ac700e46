import Diagnostics
import LaunchModel

/// # PEFT-08: targets are named or excluded
///
/// ## What
/// `target_modules` and `exclude_modules` must not both hold entries.
///
/// ## Why
/// One says which modules get an adapter, the other which linears get none.
///
/// ## Example
/// ```yaml
/// peft: {target_modules: [linear_proj], exclude_modules: [linear_fc1]}
/// ```
///
/// ## Fix
/// For "all but", set `target_modules: []`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/module_matcher.py`, `match`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum TargetsAreNamedOrExcluded: Rule {
  static let code: DiagnosticCode = "PEFT-08"
  static let title = "targets are named or excluded"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, !peft.excludeModules.isEmpty, !peft.targetModules.isEmpty else { return }
    report.error(
      at: Path.peft.excludeModules, "modules are both targeted and excluded; Megatron-Bridge takes one list",
      help: "with `target_modules: []` every linear but the excluded gets an adapter",
      related: [(Path.peft.targetModules, "the other list")],
      fix: .unsafe("keep the targets", (Path.peft.excludeModules, .list([]))))
  }
}
