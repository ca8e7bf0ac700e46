import Diagnostics
import LaunchModel

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
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayoutEnds: Rule {
  static let code: DiagnosticCode = "PIPE-15"
  static let title = "a layout begins with the embedding and ends with the loss"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    // Of what is wrong with one end, its place comes before its number: one missing letter is one error.
    var (hasEmbedding, hasLoss) = (false, false)
    for violation in run.splitViolations(of: Self.self) {
      let (message, help): (Message, Message)
      switch violation {
      case .layoutEmpty:
        (message, help) = ("the layout holds nothing", "write null for an even split, or \(automaticLayout: "`auto`")")
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
