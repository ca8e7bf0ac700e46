import Diagnostics
import LaunchModel

/// # PIPE-29: the counts of a layout add up
///
/// ## What
/// Counts such as `14+13` must add up to `num_layers`, or to one more where the embedding counts as a slot of the first
/// stage (`8+7+7+6` for 27 layers), or to two more where the loss counts as well.
///
/// ## Why
/// Any other sum leaves layers over or asks for some that do not exist.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27}
/// parallelism: {pipeline_model_parallel_layout: 5+4+4+4+4+4+4+4}   # 33
/// ```
///
/// ## Fix
/// Take one of the nearest counts that the error lists.
///
/// ## Source
/// This program's notation.
enum LayoutCountsAddUp: Rule {
  static let code: DiagnosticCode = "PIPE-29"
  static let title = "the counts of a layout add up"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let error = run.layoutError, error.isCount else { return }
    report.error(
      at: Path.parallelism.pipelineModelParallelLayout, Message(error.message), help: error.help.map { Message($0) },
      related: [run.layersRelated],
      excerpt: error.range)
  }
}
