import Diagnostics
import LaunchModel

/// # PEFT-11: adapters go on linears
///
/// ## What
/// No target may match a module that is no linear: a norm, an embedding, a whole layer.
///
/// ## Why
/// Megatron-Bridge wraps what is matched, and fails on the first module that it knows no adapter for. A lone `*` matches
/// everything.
///
/// ## Example
/// ```yaml
/// peft: {target_modules: ["*"]}
/// ```
///
/// ## Fix
/// `*.linear_*` matches linears only; `target_modules: []` means all of them.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/utils.py`, `get_adapter_attributes_from_linear`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum AdaptersGoOnLinears: Rule {
  static let code: DiagnosticCode = "PEFT-11"
  static let title = "adapters go on linears"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, peft.excludeModules.isEmpty else { return }
    for (target, matches) in zip(peft.targetModules, run.targetMatches) {
      guard let match = matches.first(where: { !$0.module.isLinear }), !TargetPattern(target).hasRegularExpression
      else { continue }
      let name = match.module.path.isEmpty ? "a whole layer" : "`\(match.module.path)`"
      report.error(
        at: Path.peft.targetModules, "the target `\(target)` matches \(name), which is no linear and takes no adapter",
        help: target == "*" ? "`target_modules: []` means every linear" : "`*.linear_*` matches linears only")
      return
    }
  }
}
