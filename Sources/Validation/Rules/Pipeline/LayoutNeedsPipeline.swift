import Diagnostics
import LaunchModel

/// # PIPE-14: several stages need a pipeline
///
/// ## What
/// With `pipeline_model_parallel_size: 1` a layout has one stage.
///
/// ## Why
/// More stages make virtual stages, which need a pipeline (PIPE-03). Megatron notices when it makes its process groups.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 1, pipeline_model_parallel_layout: Et*14|t*13L}
/// ```
///
/// ## Fix
/// Set the pipeline size, or remove the layout.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
enum LayoutNeedsPipeline: Rule {
  static let code: DiagnosticCode = "PIPE-14"
  static let title = "several stages need a pipeline"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    for case .layoutWithoutPipeline(let stages) in run.splitViolations(of: Self.self) {
      report.error(
        at: Path.parallelism.pipelineModelParallelLayout, "the layout has \(stages) stages, but PP is 1",
        help: "set pipeline_model_parallel_size \(stages), or remove the layout", related: [run.pipelineRelated],
        fix: .unsafe("remove the layout", (Path.parallelism.pipelineModelParallelLayout, .null)))
    }
  }
}
