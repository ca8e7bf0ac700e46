import Diagnostics
import LaunchModel

/// # CP-07: the kind of context-parallel communication
///
/// ## What
/// `cp_comm_type` should be `p2p`, `all_gather`, `a2a` or `a2a+p2p`, and with `a2a` each tensor-parallel GPU's heads
/// should divide by `context_parallel_size`.
///
/// ## Why
/// Megatron hands the word on to Transformer Engine, which refuses others in the first step. `a2a` exchanges whole
/// heads. A warning, since that is read in Transformer Engine's source and could not be run without a GPU.
///
/// ## Example
/// ```yaml
/// parallelism: {context_parallel_size: 2, cp_comm_type: ring}
/// ```
///
/// ## Fix
/// Write `p2p`.
///
/// ## Source
/// - 0.3.1: Transformer Engine 2.11 `attention/dot_product_attention/context_parallel.py`.
enum KnownContextCommunication: Rule {
  static let code: DiagnosticCode = "CP-07"
  static let title = "the kind of context-parallel communication"
  static let errorsDependOn: PlanAspects = []

  private static let known = ["p2p", "all_gather", "a2a", "a2a+p2p"]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.context > 1, let kinds = run.config.parallelism.contextParallelCommunication else { return }
    let path = Path.parallelism.contextParallelCommunication
    if let unknown = kinds.all.first(where: { !known.contains($0) }) {
      return report.warning(
        at: path, "`\(unknown)` is no context-parallel communication that Transformer Engine knows",
        help: "known: \(known.joined(separator: ", "))",
        related: [(Path.parallelism.contextParallelSize, "CP \(run.sizes.context)")])
    }
    let (heads, sizes) = (run.architecture.numAttentionHeads, run.sizes)
    guard kinds.all.contains("a2a"), heads % sizes.tensor == 0, heads / sizes.tensor % sizes.context != 0 else {
      return
    }
    report.warning(
      at: path,
      """
      a2a exchanges whole heads, but \(heads) heads / (TP \(sizes.tensor) x CP \(sizes.context)) = \
      \(Help.quotient(heads, sizes.tensor * sizes.context))
      """,
      help: "take p2p, or a CP that divides \(heads / sizes.tensor) heads",
      related: [
        (Path.model.numAttentionHeads, "\(heads) heads"), (Path.parallelism.contextParallelSize, "CP \(sizes.context)"),
        (Path.parallelism.tensorModelParallelSize, "TP \(sizes.tensor)"),
      ])
  }
}
