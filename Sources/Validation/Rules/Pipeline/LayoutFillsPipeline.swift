import Diagnostics
import LaunchModel
import Topology

/// # PIPE-13: a layout has whole rounds of stages
///
/// ## What
/// The number of stages of a layout must be a multiple of `pipeline_model_parallel_size`; the quotient is the virtual
/// size, which must agree with `virtual_pipeline_model_parallel_size` where that is written.
///
/// ## Why
/// The stages are dealt to the pipeline's ranks in turn. Megatron's order is `vp_rank * PP + pp_rank`.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 3, pipeline_model_parallel_layout: Et*7|t*7|t*7|t*6L}   # 4 stages
/// ```
///
/// ## Fix
/// Change the pipeline size, or the number of `|`. A `|` at the end adds an empty stage.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `__init__`; `transformer_config.py`,
///   `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayoutFillsPipeline: Rule {
  static let code: DiagnosticCode = "PIPE-13"
  static let title = "a layout has whole rounds of stages"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let path = Path.parallelism.pipelineModelParallelLayout
    for violation in run.splitViolations(of: Self.self) {
      switch violation {
      case .layoutStages(let stages, let pipeline):
        report.error(
          at: path,
          """
          the layout has \(Help.count(stages, "stage")), and \(stages) / PP \(pipeline) = \
          \(Help.quotient(stages, pipeline)), no whole number of rounds
          """,
          help: "\(ParallelSize.pipeline.divisorHelp(of: stages, "\(stages) stages", run))",
          related: [run.pipelineRelated])
      case .layoutVirtual(let stages, let pipeline, let virtual):
        let chunks = stages / max(1, pipeline)
        let isPlain = chunks <= 1
        report.error(
          at: Path.parallelism.virtualPipelineModelParallelSize,
          """
          the layout's \(Help.count(stages, "stage")) / PP \(pipeline) = VP \(chunks), but \
          virtual_pipeline_model_parallel_size is \(virtual)
          """,
          help:
            """
            write \(isPlain ? "null" : "\(chunks)"), or a layout of PP \(pipeline) x VP \(virtual) = \
            \(pipeline * virtual) stages
            """,
          related: [run.layoutRelated, run.pipelineRelated],
          // One chunk is the plain schedule, which has no virtual size.
          fix: .unsafe(
            isPlain ? "write null" : "write \(chunks)",
            (Path.parallelism.virtualPipelineModelParallelSize, isPlain ? .null : .int(chunks))))
      default: break
      }
    }
  }
}
