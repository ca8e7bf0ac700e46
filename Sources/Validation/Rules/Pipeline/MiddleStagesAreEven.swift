import Diagnostics
import LaunchModel

/// # PIPE-07: what the ends leave divides over the middle
///
/// ## What
/// The layers that `num_layers_in_first_pipeline_stage` and `num_layers_in_last_pipeline_stage` leave must divide by
/// the stages that are left, and with virtual stages each share by VP. No layers left means no stages left.
///
/// ## Why
/// The stages in the middle hold equally many.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27}
/// parallelism: {pipeline_model_parallel_size: 4, num_layers_in_first_pipeline_stage: 7}   # 20 layers / 3 stages
/// ```
///
/// ## Fix
/// Choose ends that leave a multiple, or write a layout.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MiddleStagesAreEven: Rule {
  static let code: DiagnosticCode = "PIPE-07"
  static let title = "what the ends leave divides over the middle"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let violation = run.splitViolations(of: Self.self).first else { return }
    let message: Message
    switch violation {
    case .middleMismatch(let layers, let stages):
      message = "\(run.middleArithmetic) leaves \(Help.count(layers, "layer")) for \(Help.count(stages, "stage"))"
    case .middleSplit(let layers, let stages):
      message =
        """
        \(run.middleArithmetic) leaves \(layers) / \(stages) = \(Help.quotient(layers, stages)) layers for each \
        stage in the middle
        """
    case .middleVirtualSplit(let layers, let virtual):
      message =
        """
        each stage in the middle holds \(layers) layers, and \(layers) / VP \(virtual) = \
        \(Help.quotient(layers, virtual))
        """
    default: return
    }
    report.error(
      at: run.firstEdge.path, message, help: run.edgeHelp(run.firstEdge),
      related: [run.layersRelated, run.pipelineRelated] + run.otherEdge
        + (run.config.parallelism.virtualPipelineModelParallelSize == nil ? [] : [run.virtualPipelineRelated]))
  }
}
