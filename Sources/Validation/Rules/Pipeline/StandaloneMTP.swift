import Diagnostics
import LaunchModel

/// # PIPE-20: MTP layers on a rank of their own
///
/// ## What
/// Where a layout has the MTP layers on another rank than the last, Megatron sets `mtp_standalone`.
///
/// ## Why
/// That rank then holds a copy of the embedding, which costs memory and is kept equal by communication.
///
/// ## Example
/// ```yaml
/// model: {mtp_num_layers: 1}
/// parallelism: {pipeline_model_parallel_size: 3, pipeline_model_parallel_layout: Et*14|t*13m|L}
/// ```
///
/// ## Fix
/// None is needed.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum StandaloneMTP: Rule {
  static let code: DiagnosticCode = "PIPE-20"
  static let title = "MTP layers on a rank of their own"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.architecture.mtpNumLayers > 0, run.stages != nil, let layout = run.layout?.layout,
      layout.isMTPStandalone(pipeline: run.sizes.pipeline),
      let stage = layout.stages.firstIndex(where: { $0.contains(.mtp) })
    else { return }
    report.note(
      at: Path.parallelism.pipelineModelParallelLayout,
      """
      the MTP layers stand on \(run.stageName(stage)), not with the loss: Megatron sets mtp_standalone, and keeps a \
      copy of the embedding there
      """,
      related: [(Path.model.mtpNumLayers, "\(Help.count(run.architecture.mtpNumLayers, "MTP layer"))")])
  }
}
