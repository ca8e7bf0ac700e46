import Diagnostics
import LaunchModel

/// # PIPE-18: a layout has no encoder layers
///
/// ## What
/// `encoder` is a name that Megatron knows in a list of lists, and refuses.
///
/// ## Why
/// Flexible layouts are written for decoder models.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_layout: [[embedding, encoder], [loss]]}
/// ```
///
/// ## Fix
/// Write `decoder`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayoutHasNoEncoder: Rule {
  static let code: DiagnosticCode = "PIPE-18"
  static let title = "a layout has no encoder layers"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let error = run.layoutError, error.isEncoder else { return }
    report.error(at: Path.parallelism.pipelineModelParallelLayout, Message(error.message), help: "write decoder")
  }
}
