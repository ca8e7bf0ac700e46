import Diagnostics
import LaunchModel

/// # DET-03: the attention backend and its variables agree
///
/// ## What
/// `model.attention_backend` sets `NVTE_FLASH_ATTN`, `NVTE_FUSED_ATTN` and `NVTE_UNFUSED_ATTN`: auto to 1, 1, 1; flash to 1,
/// 0, 0; fused to 0, 1, 0; unfused to 0, 0, 1; local to 0, 0, 0. Another value in `env_vars` is refused.
///
/// ## Why
/// Megatron does not know which of the two is meant.
///
/// ## Example
/// ```yaml
/// model: {attention_backend: auto}
/// env_vars: {NVTE_FLASH_ATTN: "0"}
/// ```
///
/// ## Fix
/// Choose by `attention_backend`, and leave the variables out.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `models/common/language_module/language_module.py`, `_set_attention_backend`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum AttentionVariablesAgree: Rule {
  static let code: DiagnosticCode = "DET-03"
  static let title = "the attention backend and its variables agree"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard !run.config.envVars.storage.carried.isEmpty, let backend = run.config.model.attentionBackend else { return }
    let isAuto = backend == .auto
    let wrong = [
      ("NVTE_FLASH_ATTN", isAuto || backend == .flash), ("NVTE_FUSED_ATTN", isAuto || backend == .fused),
      ("NVTE_UNFUSED_ATTN", isAuto || backend == .unfused),
    ].filter { name, isOn in
      guard let value = run.config.envVars.carried(name) else { return false }
      return value != .string(isOn ? "1" : "0")
    }
    guard let first = wrong.first else { return }
    let path = FieldPath("env_vars", first.0)
    report.error(
      at: path,
      "`attention_backend: \(backend.rawValue)` sets `\(first.0)` to \(first.1 ? 1 : 0), but it is \(run.config.envVars.carried(first.0)?.short ?? "")",
      help: "leave the variables out and choose by `attention_backend`",
      related: wrong.dropFirst().map { (FieldPath("env_vars", $0.0), "as well") } + [
        (Path.model.attentionBackend, "\(backend.rawValue)")
      ],
      fix: FieldFix(
        title: "leave it out", applicability: .unsafe,
        changes: wrong.map { (path: FieldPath("env_vars", $0.0), value: nil) }))
  }
}
