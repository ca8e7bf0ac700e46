import Diagnostics
import LaunchModel

/// # PEFT-04: DoRA drops out before the adapter
///
/// ## What
/// `peft_scheme: dora` needs `dropout_position: pre`.
///
/// ## Why
/// DoRA scales the sum of base and adapter, so a dropout behind the adapter has no place in it.
///
/// ## Example
/// ```yaml
/// peft: {peft_scheme: dora, dropout_position: post}
/// ```
///
/// ## Fix
/// `dropout_position: pre`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/dora.py`, `__post_init__`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum DoRADropsOutBefore: Rule {
  static let code: DiagnosticCode = "PEFT-04"
  static let title = "DoRA drops out before the adapter"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, peft.peftScheme == .dora, peft.dropoutPosition == .post else { return }
    report.error(
      at: Path.peft.dropoutPosition, "DoRA supports dropout before the adapter only",
      related: [(Path.peft.peftScheme, "dora")],
      fix: peft.dropout == 0
        ? .safe("make it `pre`; there is no dropout", (Path.peft.dropoutPosition, .string("pre")))
        : .unsafe("make it `pre`", (Path.peft.dropoutPosition, .string("pre"))))
  }
}
