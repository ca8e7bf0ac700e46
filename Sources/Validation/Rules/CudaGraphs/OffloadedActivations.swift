import Diagnostics
import LaunchModel

/// # CG-02: offloaded activations are named, and weights stay
///
/// ## What
/// `fine_grained_activation_offloading` needs Transformer Engine's layers, `NVTE_CPU_OFFLOAD_V1: "1"` in `env_vars`, no
/// `cpu_offloading`, and `offload_modules` from attn_norm, qkv_linear, core_attn, attn_proj, mlp_norm, expert_fc1, moe_act;
/// `attn_proj` only with `core_attn`.
///
/// ## Why
/// From Transformer Engine 2.10 on, weights would be offloaded as well without the variable.
///
/// ## Example
/// ```yaml
/// model: {fine_grained_activation_offloading: true, offload_modules: [core_attn]}
/// ```
///
/// ## Fix
/// `env_vars: {NVTE_CPU_OFFLOAD_V1: "1"}`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1
///   `training/config.py`, `_validate_fine_grained_activation_offloading`.
enum OffloadedActivations: Rule {
  static let code: DiagnosticCode = "CG-02"
  static let title = "offloaded activations are named, and weights stay"
  static let errorsDependOn: PlanAspects = []

  private static let known: Set<String> = [
    "core_attn", "attn_proj", "expert_fc1", "moe_act", "attn_norm", "mlp_norm", "qkv_linear",
  ]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.fineGrainedActivationOffloading else { return }
    let own: [RelatedField] = [(Path.model.fineGrainedActivationOffloading, "on")]
    let path = FieldPath("model", "offload_modules")
    if model.cpuOffloading {
      report.error(at: Path.model.cpuOffloading, "layers and chosen activations cannot both be offloaded", related: own)
    }
    var modules: [String] = []
    if case .list(let items)? = model.carried("offload_modules") {
      modules = items.compactMap { if case .string(let name) = $0 { name } else { nil } }
    }
    let names: Message = "\(known.sorted().joined(separator: ", "))"
    if modules.isEmpty {
      report.error(at: path, "nothing is named in `offload_modules`", help: names, related: own)
    } else if let unknown = modules.first(where: { !known.contains($0) }) {
      report.error(at: path, "`\(unknown)` cannot be offloaded", help: names, related: own)
    } else if modules.contains("attn_proj"), !modules.contains("core_attn") {
      report.error(at: path, "`attn_proj` takes what `core_attn` gives, so it is offloaded with it only", related: own)
    }
    if model.transformerImplementation != .transformerEngine {
      report.error(
        at: Path.model.transformerImplementation, "only Transformer Engine's layers offload chosen activations",
        related: own)
    }
    let variable = FieldPath("env_vars", "NVTE_CPU_OFFLOAD_V1")
    if run.config.envVars.carried(variable.field) != .string("1") {
      report.error(
        at: variable, "without `NVTE_CPU_OFFLOAD_V1` 1 Transformer Engine would offload weights as well", related: own,
        fix: .unsafe("set it", (variable, .string("1"))))
    }
  }
}
