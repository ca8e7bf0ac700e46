import Diagnostics

/// # PIPE-05: uneven ends exclude counting embedding and loss
///
/// ## What
/// `num_layers_in_first_pipeline_stage` and `num_layers_in_last_pipeline_stage` cannot stand beside
/// `account_for_embedding_in_pipeline_split` or `account_for_loss_in_pipeline_split`.
///
/// ## Why
/// Both say how the ends differ from the middle.
///
/// ## Example
/// ```yaml
/// parallelism: {num_layers_in_first_pipeline_stage: 6, account_for_embedding_in_pipeline_split: true}
/// ```
///
/// ## Fix
/// Keep one of them, or write a layout.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum EdgesExcludeAccounting: Rule {
  static let code: DiagnosticCode = "PIPE-05"
  static let title = "uneven ends exclude counting embedding and loss"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard case .edgesWithAccounting? = run.splitViolations(of: Self.self).first, let first = run.edgesRelated.first
    else { return }
    let others = run.edgesRelated.dropFirst() + run.accountingRelated
    report.error(
      at: first.0,
      """
      \(names: run.edgesRelated.map(\.0), separator: " and ", quote: "") cannot stand beside \
      \(names: run.accountingRelated.map(\.0), separator: " and ", quote: "")
      """,
      help: "keep one of the two ways, or write a layout", related: Array(others),
      fix: FieldFix(
        title: "keep the numbers of layers", applicability: .unsafe,
        changes: run.accountingRelated.map { (path: $0.0, value: false) }))
  }
}
