import Diagnostics

/// # PIPE-06: the sizes of the first and last stage
///
/// ## What
/// `num_layers_in_first_pipeline_stage` and `num_layers_in_last_pipeline_stage` are above 0, and with virtual stages
/// multiples of `virtual_pipeline_model_parallel_size`.
///
/// ## Why
/// Each virtual stage of the rank gets the same number of its layers.
///
/// ## Example
/// ```yaml
/// parallelism: {num_layers_in_first_pipeline_stage: 5, virtual_pipeline_model_parallel_size: 3}
/// ```
///
/// ## Fix
/// Take a multiple of VP; a layout is free of that.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum EdgeStageSizes: Rule {
  static let code: DiagnosticCode = "PIPE-06"
  static let title = "the sizes of the first and last stage"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    for violation in run.splitViolations(of: Self.self) {
      switch violation {
      case .edgeNotPositive(let edge, let layers):
        report.error(
          at: edge.path,
          "\(name: edge.path) is \(layers), but a stage that is given a number of layers holds at least one",
          help: "write null to have it filled like the others", fix: .unsafe("write null", (edge.path, .null)))
      case .edgeVirtualSplit(let edge, let layers, let virtual):
        report.error(
          at: edge.path,
          """
          \(name: edge.path) \(layers) / VP \(virtual) = \(Help.quotient(layers, virtual)), but its virtual stages \
          hold equally many
          """,
          help: run.edgeHelp(edge), related: [run.virtualPipelineRelated])
      default: break
      }
    }
  }
}
