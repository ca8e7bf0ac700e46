import Diagnostics

/// # PIPE-08: the ends take more than there is
///
/// ## What
/// The first and last stage together may not hold more layers than the model has, nor be more stages than the pipeline
/// has.
///
/// ## Why
/// Megatron lets it pass where the numbers divide, and then builds stages of a negative number of layers: some layers
/// exist twice, the model is wrong.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27}
/// parallelism: {pipeline_model_parallel_size: 4, num_layers_in_first_pipeline_stage: 30,
///   num_layers_in_last_pipeline_stage: 5}   # -8 layers for 2 stages
/// ```
///
/// ## Fix
/// Choose smaller ends.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__` (does not look); `transformer_block.py`.
enum EndsFitTheModel: Rule {
  static let code: DiagnosticCode = "PIPE-08"
  static let title = "the ends take more than there is"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    for case .middleNegative(let layers, let stages) in run.splitViolations(of: Self.self) {
      report.error(
        at: run.firstEdge.path, "\(run.middleArithmetic) leaves \(layers) layers for \(stages) stages in the middle",
        help: run.edgeHelp(run.firstEdge), related: [run.layersRelated, run.pipelineRelated] + run.otherEdge)
    }
  }
}
