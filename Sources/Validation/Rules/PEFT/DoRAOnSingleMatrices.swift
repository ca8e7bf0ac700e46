import Diagnostics
import LaunchModel

/// # PEFT-13: DoRA goes on single matrices
///
/// ## What
/// `peft_scheme: dora` must not target routed experts while `moe_grouped_gemm` holds them in one module.
///
/// ## Why
/// DoRA takes the norms of a module's `weight`. Grouped experts have `weight0`, `weight1`, … instead, so building the model
/// fails with an AttributeError. The bare targets `linear_fc1` and `linear_fc2`, in the upstream default, match them too.
///
/// ## Example
/// ```yaml
/// peft: {peft_scheme: dora, target_modules: [linear_proj, linear_fc1, linear_fc2]}
/// ```
///
/// ## Fix
/// Target attention, the dense layer and the shared experts: `*.mlp.linear_fc1`, `*.shared_experts.linear_fc1`. Or LoRA.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/dora.py`, `peft/dora_layers.py`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum DoRAOnSingleMatrices: Rule {
  static let code: DiagnosticCode = "PEFT-13"
  static let title = "DoRA goes on single matrices"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, peft.peftScheme == .dora, run.config.model.moeGroupedGEMM, run.hasMoELayer else { return }
    guard let match = run.adapterSelection.first(where: { $0.module.isGrouped }) else { return }
    let others = peft.targetModules.filter { $0 != "linear_fc1" && $0 != "linear_fc2" }
    let narrowed = peft.targetModules.filter { $0 == "linear_fc1" || $0 == "linear_fc2" }.flatMap {
      ["*.mlp.\($0)", "*.shared_experts.\($0)"]
    }
    report.error(
      at: Path.peft.targetModules,
      "DoRA cannot adapt grouped experts: `\(match.module.path)` holds \(run.architecture.numMoEExperts) matrices, not one `weight`",
      help: "`*.mlp.linear_fc1` is the dense layer, `*.shared_experts.linear_fc1` the shared experts",
      related: [(Path.peft.peftScheme, "dora"), (Path.model.moeGroupedGEMM, "grouped")],
      fix: narrowed.isEmpty
        ? nil : .unsafe("leave the routed experts out", (Path.peft.targetModules, (others + narrowed).configValue)))
  }
}
