import Diagnostics
import LaunchModel
import Topology

/// # PIPE-01: layers divide by the pipeline size
///
/// ## What
/// Without a layout, uneven ends or counted embedding and loss, `num_layers` must be a multiple of
/// `pipeline_model_parallel_size`.
///
/// ## Why
/// Megatron gives every stage the same number of layers. Nothing looks before the model is built.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27}
/// parallelism: {pipeline_model_parallel_size: 4}   # 6.75 layers a stage
/// ```
///
/// ## Fix
/// Write a layout: `pipeline_model_parallel_layout: auto` balances it by cost.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_block.py`, `get_num_layers_to_build`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayersDivideByPipelineSize: Rule {
  static let code: DiagnosticCode = "PIPE-01"
  static let title = "layers divide by the pipeline size"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    for case .evenSplit(let layers, let pipeline) in run.splitViolations(of: Self.self) {
      report.error(
        at: Path.parallelism.pipelineModelParallelSize,
        """
        \(Help.count(layers, "layer")) / PP \(pipeline) = \(Help.quotient(layers, pipeline)), but without a layout \
        every stage gets the same number
        """,
        help: help(layers, ParallelSize.pipeline.nearestDivisors(of: layers, run)),
        related: [run.layersRelated, (Path.parallelism.pipelineModelParallelLayout, "null")],
        fix: .unsafe(
          "balance the stages by cost",
          (Path.parallelism.pipelineModelParallelLayout, PipelineLayoutText.automatic.configValue)))
    }
  }

  private static func help(_ layers: Int, _ pipelines: [Int]) -> Message {
    let automatic: Message = """
      \(name: Path.parallelism.pipelineModelParallelLayout) \(automaticLayout: "auto") balances the stages by cost
      """
    return pipelines.isEmpty ? automatic : automatic + "; even splits of \(layers): PP \(Help.list(pipelines))"
  }
}
