import Diagnostics
import LaunchModel
import Topology

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
/// megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `parse_str_to_list`; this program's counts and `auto`.
enum LayoutCanBeRead: Rule {
  static let code: DiagnosticCode = "PIPE-28"
  static let title = "a layout can be read"

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
      at: Path.parallelism.pipelineModelParallelLayout, error.message, help: error.help, excerpt: error.range)
  }
}

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

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let error = run.layoutError, error.isCount else { return }
    report.error(
      at: Path.parallelism.pipelineModelParallelLayout, error.message, help: error.help, related: [run.layersRelated],
      excerpt: error.range)
  }
}

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
/// megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
enum LayoutHasNoEncoder: Rule {
  static let code: DiagnosticCode = "PIPE-18"
  static let title = "a layout has no encoder layers"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let error = run.layoutError, error.isEncoder else { return }
    report.error(at: Path.parallelism.pipelineModelParallelLayout, error.message, help: "write decoder")
  }
}

extension LayoutError {
  /// Counts that can be read, but do not fit the model.
  fileprivate var isCount: Bool {
    guard case .counts(let error) = self else { return false }
    switch error.kind {
    case .wrongSum, .noSlot: return true
    case .malformed, .numberTooLarge, .tooManyStages, .numLayersOutOfRange: return false
    }
  }

  fileprivate var isEncoder: Bool {
    if case .lists(let error) = self, case .encoderUnsupported = error.kind { true } else { false }
  }
}
