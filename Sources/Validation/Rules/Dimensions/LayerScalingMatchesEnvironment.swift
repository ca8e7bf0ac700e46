import ConfigDocument
import Diagnostics
import LaunchModel

/// # DIM-10: query-key layer scaling is switched in two places
///
/// ## What
/// `apply_query_key_layer_scaling` must agree with the environment variable `NVTE_APPLY_QK_LAYER_SCALING` (1 or 0; not
/// set is 0). Only layers of Transformer Engine look at it.
///
/// ## Why
/// Transformer Engine takes the setting from the environment alone, and Megatron checks that both say the same.
///
/// ## Example
/// ```yaml
/// model: {apply_query_key_layer_scaling: true}   # without env_vars: {NVTE_APPLY_QK_LAYER_SCALING: "1"}
/// ```
///
/// ## Fix
/// Set the variable in `env_vars`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `extensions/transformer_engine.py`, `TEDotProductAttention`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayerScalingMatchesEnvironment: Rule {
  static let code: DiagnosticCode = "DIM-10"
  static let title = "query-key layer scaling is switched in two places"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let isOn = run.config.model.applyQueryKeyLayerScaling
    let name = "NVTE_APPLY_QK_LAYER_SCALING"
    let text = run.config.envVars.storage.value(named: name).flatMap { String($0.value) }
    guard run.config.model.transformerImplementation != .local, isOn || text != nil else { return }
    let variable = FieldPath(Path.envVars.whole.section, name)
    let meant = isOn ? "1" : "0"
    guard let number = text.map({ Int($0.trimmed) }) ?? 0 else {
      return report.error(
        at: variable, "\(name) is \"\(text ?? "")\", but Transformer Engine reads a number",
        help: "write \"\(meant)\"", fix: .safe("write \"\(meant)\"", (variable, .string(meant))))
    }
    guard isOn != (number != 0) else { return }
    report.error(
      at: Path.model.applyQueryKeyLayerScaling,
      """
      apply_query_key_layer_scaling is \(isOn), but the environment variable \(name), which Transformer Engine obeys, \
      is \
      \(text.map { "\"\($0)\"" } ?? "not set")
      """,
      help: "set \(name) to \"\(meant)\" in env_vars",
      related: [(variable, "\(text ?? "not set")")],
      fix: .unsafe("set \(name) to \"\(meant)\"", (variable, .string(meant))))
  }
}

extension String {
  /// Without blanks at its ends, as Python's `int` reads it.
  fileprivate var trimmed: Substring {
    let start = drop { $0.isWhitespace }
    return start.reversed().firstIndex { !$0.isWhitespace }.map { start[..<$0.base] } ?? start
  }
}
