import Diagnostics
import LaunchModel

/// # PIPE-28: a layout can be read
///
/// ## What
/// `pipeline_model_parallel_layout` is Megatron's string (`Et*14|t*13L`), a list of lists of `embedding`, `decoder`,
/// `mtp` and `loss`, counts (`14+13`), `auto`, or null. The string's grammar is Megatron's exactly: `E` embedding, `t`
/// decoder layer, `m` MTP layer, `L` loss, `|` between stages, `x*n` and `(…)*n` for repetition, commas for the eye.
/// Groups do not nest, repetitions do not chain, there are no blanks.
///
/// ## Why
/// Megatron's own messages name a character of the unrolled text, not of what was written.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_layout: Et*14 |t*13L}   # a blank
/// ```
///
/// ## Fix
/// The error points at the faulty character.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `parse_str_to_list`; this program's counts and
///   `auto`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayoutCanBeRead: Rule {
  static let code: DiagnosticCode = "PIPE-28"
  static let title = "a layout can be read"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let error = run.layoutError, !error.isCount, !error.isEncoder else { return }
    if case .autoWithoutCosts = error {
      // Without a pattern of MoE layers there are no costs; MOE-04 says so.
      guard run.architecture.moeLayers != nil else { return }
      return report.error(
        at: Path.parallelism.pipelineModelParallelLayout,
        """
        `auto` finds no layout of \(Help.count(run.architecture.numLayers, "layer")) on PP \
        \(run.sizes.pipeline)\(run.config.parallelism.virtualPipelineModelParallelSize.map { " x VP \($0)" } ?? "")
        """,
        help: "take fewer stages, or write the layout",
        related: [run.layersRelated, run.pipelineRelated, run.virtualPipelineRelated])
    }
    report.error(
      at: Path.parallelism.pipelineModelParallelLayout, Message(error.message), help: error.help.map { Message($0) },
      excerpt: error.range)
  }
}
