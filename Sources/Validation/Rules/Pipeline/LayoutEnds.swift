import Diagnostics
import LaunchModel
import Topology

/// # PIPE-15: a layout begins with the embedding and ends with the loss
///
/// ## What
/// The first element of a layout is the embedding and the last is the loss, each exactly once. Empty stages may stand
/// anywhere.
///
/// ## Why
/// Tokens come in on the first stage and the loss is taken on the last.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_layout: t*14|t*13L}   # no E
/// ```
///
/// ## Fix
/// Write `E` at the front and `L` at the end.
///
/// ## Source
/// megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
enum LayoutEnds: Rule {
  static let code: DiagnosticCode = "PIPE-15"
  static let title = "a layout begins with the embedding and ends with the loss"

  static func check(_ run: RunFacts, _ report: inout Report) {
    // Of what is wrong with one end, its place comes before its number: one missing letter is one error.
    var (hasEmbedding, hasLoss) = (false, false)
    for violation in run.splitViolations(code) {
      let (message, help): (String, String)
      switch violation {
      case .layoutEmpty:
        (message, help) = ("the layout holds nothing", "write null for an even split, or `auto`")
      case .embeddingNotFirst(let found, _):
        hasEmbedding = true
        (message, help) = (
          "the layout begins with \(found.named), but must begin with the embedding", "write E at the front"
        )
      case .lossNotLast(let found, _):
        hasLoss = true
        (message, help) = ("the layout ends with \(found.named), but must end with the loss", "write L at the end")
      case .embeddingCount(let count, _):
        guard !hasEmbedding else { continue }
        (message, help) = ("the layout holds \(count) embeddings, but the model has one", "write E once, at the front")
      case .lossCount(let count, _):
        guard !hasLoss else { continue }
        (message, help) = ("the layout holds \(count) losses, but the model has one", "write L once, at the end")
      default: continue
      }
      report.error(
        at: Path.parallelism.pipelineModelParallelLayout, message, help: help,
        excerpt: run.layoutExcerpt(violation.position))
    }
  }
}

/// # PIPE-19: embedding and loss are built on the outer stages, wherever a layout has them
///
/// ## What
/// A layout may begin or end with empty stages. Megatron accepts it, but builds the embedding on the first stage and
/// the loss on the last all the same.
///
/// ## Why
/// The stages that look empty are not.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_layout: "|Et*27L"}   # the embedding sits on stage 0
/// ```
///
/// ## Fix
/// Write `E` on the first stage and `L` on the last.
///
/// ## Source
/// megatron-core 0.16.1 `models/gpt/gpt_model.py`; megatron-bridge 0.3.1 `models/gpt_provider.py`, `provide`.
enum EndsOnOuterStages: Rule {
  static let code: DiagnosticCode = "PIPE-19"
  static let title = "embedding and loss are built on the outer stages, wherever a layout has them"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let layout = run.layout?.layout, layout.hasEmptyEnd, run.stages != nil else { return }
    for position in layout.misplacedEnds {
      let element = layout.stages[position.stage][position.element]
      let built = element == .embedding ? 0 : layout.stages.count - 1
      report.add(
        .note, at: Path.parallelism.pipelineModelParallelLayout,
        """
        the layout has \(element.named) on \(run.stageName(position.stage)), but Megatron builds it on \
        \(run.stageName(built))
        """,
        help: "write it there", excerpt: run.layoutExcerpt(position))
    }
  }
}

extension PipelineLayout {
  /// Whether the first or the last stage holds nothing; only then can an end stand elsewhere.
  fileprivate var hasEmptyEnd: Bool { stages.first?.isEmpty == true || stages.last?.isEmpty == true }
}

extension LayoutElement {
  var named: String {
    switch self {
    case .embedding: "the embedding"
    case .decoder: "a decoder layer"
    case .mtp: "an MTP layer"
    case .loss: "the loss"
    }
  }
}
