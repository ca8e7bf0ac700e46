import Diagnostics
import LaunchModel
import Topology

/// # PIPE-02: a stage's layers divide by the virtual size
///
/// ## What
/// Without a layout, `num_layers / pipeline_model_parallel_size` must be a multiple of
/// `virtual_pipeline_model_parallel_size`.
///
/// ## Why
/// Every virtual stage gets the same number of layers.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 28}
/// parallelism: {pipeline_model_parallel_size: 2, virtual_pipeline_model_parallel_size: 3}   # 14 / 3
/// ```
///
/// ## Fix
/// Take a VP that divides, or write a layout.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_block.py`, `get_num_layers_to_build`; megatron-bridge 0.3.1
///   `models/gpt_provider.py`, `provide`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
enum StageLayersDivideByVirtualSize: Rule {
  static let code: DiagnosticCode = "PIPE-02"
  static let title = "a stage's layers divide by the virtual size"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    for case .evenVirtualSplit(let layers, let virtual) in run.splitViolations(of: Self.self) {
      report.error(
        at: Path.parallelism.virtualPipelineModelParallelSize,
        """
        \(run.architecture.numLayers) layers / PP \(run.sizes.pipeline) = \(layers) layers a rank, and \(layers) / VP \
        \(virtual) = \(Help.quotient(layers, virtual)), no whole number
        """,
        help: run.virtualHelp(dividing: layers),
        related: [run.layersRelated, run.pipelineRelated])
    }
  }
}
