import Diagnostics
import LaunchModel
import Topology

/// # PIPE-03: virtual stages need a pipeline
///
/// ## What
/// `virtual_pipeline_model_parallel_size`, even 1, needs `pipeline_model_parallel_size` above 1.
///
/// ## Why
/// Any number turns the interleaved schedule on, which runs on a pipeline.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 1, virtual_pipeline_model_parallel_size: 2}
/// ```
///
/// ## Fix
/// Write null.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum VirtualStagesNeedPipeline: Rule {
  static let code: DiagnosticCode = "PIPE-03"
  static let title = "virtual stages need a pipeline"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    // Not Topology's finding alone: a layout that cannot be read hides that one.
    guard let virtual = run.config.parallelism.virtualPipelineModelParallelSize, run.sizes.pipeline == 1 else { return }
    report.error(
      at: Path.parallelism.virtualPipelineModelParallelSize,
      "VP \(virtual) interleaves the stages of a pipeline, but PP is 1",
      help: "write null", related: [run.pipelineRelated],
      fix: .safe("write null", (Path.parallelism.virtualPipelineModelParallelSize, .null)))
  }
}
