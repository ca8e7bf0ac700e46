import Diagnostics
import LaunchModel

/// # PIPE-04: a layout excludes the other ways to split
///
/// ## What
/// `pipeline_model_parallel_layout` cannot stand beside `num_layers_in_first_pipeline_stage`,
/// `num_layers_in_last_pipeline_stage` or the `account_for_…_in_pipeline_split` switches.
///
/// ## Why
/// The layout says all of it.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_layout: Et*14|t*13L, num_layers_in_first_pipeline_stage: 14}
/// ```
///
/// ## Fix
/// Remove the others.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayoutExcludesOtherSplits: Rule {
  static let code: DiagnosticCode = "PIPE-04"
  static let title = "a layout excludes the other ways to split"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard case .layoutWithOtherSplit? = run.splitViolations(of: Self.self).first else { return }
    let others = run.edgesRelated + run.accountingRelated
    report.error(
      at: Path.parallelism.pipelineModelParallelLayout,
      """
      a pipeline layout says how many layers each stage holds, so \(names: others.map(\.0), separator: ", ", quote: "") \
      cannot be set as well
      """,
      help: "remove one or the other", related: others,
      fix: FieldFix(
        title: "keep the layout alone", applicability: .unsafe, changes: others.map { (path: $0.0, value: nil) }))
  }
}
