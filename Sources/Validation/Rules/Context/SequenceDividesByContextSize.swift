import Diagnostics
import LaunchModel

/// # CP-01: the sequence divides by twice the context size
///
/// ## What
/// With context parallelism, `seq_length` must be a multiple of 2 x `context_parallel_size`.
///
/// ## Why
/// Each GPU takes one chunk from the front and one from the back of the sequence, so that causal attention costs all of
/// them the same.
///
/// ## Example
/// ```yaml
/// model: {seq_length: 4098}
/// parallelism: {context_parallel_size: 2}
/// ```
///
/// ## Fix
/// Take the nearest multiple.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum SequenceDividesByContextSize: Rule {
  static let code: DiagnosticCode = "CP-01"
  static let title = "the sequence divides by twice the context size"
  static let errorsDependOn: PlanAspects = .context

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (length, context) = (run.config.model.seqLength, run.sizes.context)
    guard context > 1, length % (2 * context) != 0 else { return }
    report.error(
      at: Path.model.seqLength,
      """
      seq_length \(length) / (2 x CP \(context)) = \(Help.quotient(length, 2 * context)), but the sequence is cut \
      into 2 x CP equal chunks
      """,
      help: "nearest: \(Help.multiples(of: run.sequenceUnit, near: length))",
      related: [(Path.parallelism.contextParallelSize, "CP \(context)")])
  }
}
