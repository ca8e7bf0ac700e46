import Diagnostics
import LaunchModel

/// # PIPE-17: MTP layers stand together behind the decoders
///
/// ## What
/// In a layout no decoder layer follows an MTP layer, all MTP layers stand in one stage, and that is the last virtual
/// stage of its rank.
///
/// ## Why
/// MTP layers continue from the last decoder's output.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_layout: Et*14m|t*13L}
/// ```
///
/// ## Fix
/// Put them before the `L`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayoutOfMTPLayers: Rule {
  static let code: DiagnosticCode = "PIPE-17"
  static let title = "MTP layers stand together behind the decoders"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let violation = run.splitViolations(of: Self.self).first, let position = violation.position else { return }
    let place = run.stageName(position.stage)
    let message: Message
    switch violation {
    case .decoderAfterMTP: message = "a decoder layer on \(place) follows an MTP layer"
    case .mtpNotInLastChunk:
      message = "an MTP layer stands on \(place), which is not the last virtual stage of its rank"
    default: message = "MTP layers stand in more than one stage; the second is \(place)"
    }
    report.error(
      at: Path.parallelism.pipelineModelParallelLayout, message, help: "put all MTP layers before the loss",
      related: [run.pipelineRelated], excerpt: run.layoutExcerpt(position))
  }
}
