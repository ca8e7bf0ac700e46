import Diagnostics
import LaunchModel

/// # DET-02: Transformer Engine is told to be deterministic
///
/// ## What
/// `deterministic_mode` with Transformer Engine needs `NVTE_ALLOW_NONDETERMINISTIC_ALGO: "0"` in `env_vars`.
///
/// ## Why
/// Its attention reads the variable, and Megatron refuses to build the layer without it.
///
/// ## Example
/// ```yaml
/// model: {deterministic_mode: true, cross_entropy_loss_fusion: false}
/// env_vars: {NCCL_ALGO: Ring}
/// ```
///
/// ## Fix
/// Set it.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `extensions/transformer_engine.py`, `TEDotProductAttention`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum DeterministicAttention: Rule {
  static let code: DiagnosticCode = "DET-02"
  static let title = "Transformer Engine is told to be deterministic"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.deterministicMode, model.transformerImplementation != .local else { return }
    let path = FieldPath("env_vars", "NVTE_ALLOW_NONDETERMINISTIC_ALGO")
    let value = run.config.envVars.carried(path.field)
    if case .string(let text)? = value, Int(text) == 0 { return }
    report.error(
      at: path,
      "a deterministic run needs `NVTE_ALLOW_NONDETERMINISTIC_ALGO` \(value.map { "0, not \($0.short)" } ?? "to be 0")",
      related: [(Path.model.deterministicMode, "on")], fix: .unsafe("make it 0", (path, .string("0"))))
  }
}
