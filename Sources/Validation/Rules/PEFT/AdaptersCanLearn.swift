import Diagnostics
import LaunchModel

/// # PEFT-24: adapters can learn
///
/// ## What
/// An adapter's output is `alpha / dim` times `B A x`. With `alpha: 0`, or with both matrices at zero in the beginning
/// (`lora_A_init_method: zero`, `lora_B_init_method: zero`), every gradient is zero for good.
///
/// ## Why
/// The run goes on and writes adapters that do nothing.
///
/// ## Example
/// ```yaml
/// peft: {lora_A_init_method: zero}   # lora_B_init_method is zero unless written
/// ```
///
/// ## Fix
/// `alpha` at least 1; one of the two matrices `xavier`, `kaiming` or `normal`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/utils.py`, `ParallelLinearAdapter.forward` and `_get_init_fn`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum AdaptersCanLearn: Rule {
  static let code: DiagnosticCode = "PEFT-24"
  static let title = "adapters can learn"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent else { return }
    if peft.alpha == 0 {
      report.warning(
        at: Path.peft.alpha, "adapters are scaled by alpha / dim = 0 / \(peft.dim) = 0: they never learn anything",
        help: "often as much as `dim`, or twice that", related: [(Path.peft.dim, "rank \(peft.dim)")],
        fix: .unsafe("as much as `dim`", (Path.peft.alpha, .int(peft.dim))))
    }
    if peft.dropout >= 1 {
      report.warning(
        at: Path.peft.dropout, "a dropout of \(peft.dropout.tenths) leaves adapters nothing to learn from",
        help: "0 to 0.1 is usual", fix: .unsafe("drop nothing", (Path.peft.dropout, .float(0))))
    }
    if peft.loraAInitMethod == .zero, peft.loraBInitMethod == .zero {
      report.warning(
        at: Path.peft.loraAInitMethod,
        "both matrices of each adapter begin at zero, so the gradient of either is zero: they never learn anything",
        help: "`xavier`", related: [(Path.peft.loraBInitMethod, "zero")],
        fix: .unsafe("make it `xavier`", (Path.peft.loraAInitMethod, .string("xavier"))))
    }
  }
}
