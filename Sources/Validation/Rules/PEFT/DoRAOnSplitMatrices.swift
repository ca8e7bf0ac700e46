import Diagnostics
import LaunchModel

/// # PEFT-16: DoRA goes on split matrices
///
/// ## What
/// With tensor parallelism `dora` must not target `linear_kv_down_proj`, `linear_q_down_proj` or `router`. On the router it
/// is not supported at all.
///
/// ## Why
/// These matrices are whole on every rank, while the adapter beside them is split: their sum, whose norms DoRA takes, does
/// not exist. And DoRA has no router: its output is taken for the logits.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 2}
/// peft: {peft_scheme: dora, target_modules: [linear_kv_down_proj]}
/// ```
///
/// ## Fix
/// Without tensor parallelism, or without these targets, or LoRA.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/dora_layers.py`, `DoRALinear._get_weight_norm`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum DoRAOnSplitMatrices: Rule {
  static let code: DiagnosticCode = "PEFT-16"
  static let title = "DoRA goes on split matrices"
  static let errorsDependOn: PlanAspects = .tensor

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, peft.peftScheme == .dora else { return }
    let whole = run.adapterSelection.first { $0.module.kind == .duplicated || $0.module.kind == .router }
    guard let whole else { return }
    if run.sizes.tensor > 1 {
      let name = whole.module.name
      report.error(
        at: Path.peft.targetModules,
        "`\(name)` is whole on each of the TP \(run.sizes.tensor) ranks and its adapter is split: DoRA cannot add them",
        help: "without `\(name)`, with TP 1, or with LoRA",
        related: [
          (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"), (Path.peft.peftScheme, "dora"),
        ],
        fix: peft.targetModules.contains(name) && peft.targetModules.count > 1
          ? .unsafe("leave it out", (Path.peft.targetModules, peft.targetModules.filter { $0 != name }.configValue))
          : nil)
    } else if whole.module.kind == .router {
      report.warning(
        at: Path.peft.targetModules,
        "DoRA has no form for the router: its probabilities would be taken for a linear's output",
        help: "LoRA has one", related: [(Path.peft.peftScheme, "dora")])
    }
  }
}
