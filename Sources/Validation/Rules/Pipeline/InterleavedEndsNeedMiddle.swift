import Diagnostics

/// # PIPE-10: two uneven stages cannot be interleaved
///
/// ## What
/// With `pipeline_model_parallel_size: 2`, both ends given and virtual stages, Megatron divides by zero when it builds
/// the last rank.
///
/// ## Why
/// The offset of a layer is counted in stages of the middle, and there are none.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 2, virtual_pipeline_model_parallel_size: 2,
///   num_layers_in_first_pipeline_stage: 14, num_layers_in_last_pipeline_stage: 14}
/// ```
///
/// ## Fix
/// Write a layout, or one of the two numbers alone.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_layer.py`, `get_transformer_layer_offset`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum InterleavedEndsNeedMiddle: Rule {
  static let code: DiagnosticCode = "PIPE-10"
  static let title = "two uneven stages cannot be interleaved"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    for case .edgesWithoutMiddleInterleaved(let virtual) in run.splitViolations(of: Self.self) {
      report.error(
        at: run.firstEdge.path,
        """
        with PP \(run.sizes.pipeline), VP \(virtual) and both ends given, Megatron divides by the number of stages in \
        the \
        middle, which is 0
        """,
        help: "remove one of the two numbers, or write a layout",
        related: [run.virtualPipelineRelated, run.pipelineRelated] + run.otherEdge)
    }
  }
}
