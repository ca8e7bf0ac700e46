import Diagnostics
import LaunchModel

/// # DATA-05: positions and masks at ends of documents are decided
///
/// ## What
/// `reset_position_ids`, `reset_attention_mask` and `eod_mask_loss` are true or false, not null.
///
/// ## Why
/// Megatron's classes default to `None` and refuse it.
///
/// ## Example
/// ```yaml
/// dataset: {reset_position_ids: null}
/// ```
///
/// ## Fix
/// `false`, as in the recipes.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `GPTDatasetConfig.finalize`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum ResetsAreDecided: Rule {
  static let code: DiagnosticCode = "DATA-05"
  static let title = "positions and masks at ends of documents are decided"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard dataset.resetPositionIDs == nil || dataset.resetAttentionMask == nil || dataset.eodMaskLoss == nil,
      dataset.kind != .sft
    else { return }
    let missing = [
      (Path.dataset.resetPositionIDs, dataset.resetPositionIDs),
      (Path.dataset.resetAttentionMask, dataset.resetAttentionMask),
      (Path.dataset.eodMaskLoss, dataset.eodMaskLoss),
    ].filter { $0.1 == nil }.map(\.0)
    report.error(
      at: missing[0], "\(names: missing, separator: ", "): true or false, not null",
      related: missing.dropFirst().map { ($0, "null as well") },
      fix: FieldFix(
        title: "make it false", applicability: .unsafe, changes: missing.map { (path: $0, value: .bool(false)) }))
  }
}
