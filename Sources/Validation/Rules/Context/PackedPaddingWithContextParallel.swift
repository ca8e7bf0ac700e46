import Diagnostics
import LaunchModel

/// # CP-06: packed examples are padded for context parallelism
///
/// ## What
/// With packed sequences `pad_seq_to_mult` must be above 0; with context parallelism it should be a multiple of
/// 2 x `context_parallel_size`. Nothing checks the latter.
///
/// ## Why
/// Every example of a pack is cut into 2 x CP chunks. Examples of other lengths are cut wrongly, and the loss suffers
/// without an error.
///
/// ## Example
/// ```yaml
/// dataset: {kind: sft, packed_sequence_size: 4096, pad_seq_to_mult: 1}
/// parallelism: {context_parallel_size: 2}
/// ```
///
/// ## Fix
/// Write 2 x CP.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `data/datasets/packed_sequence.py`, `PackedSequenceSpecs.__post_init__`; the
///   Moonlight recipe's own choice.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2 `data/packing/config.py`, `PackedSequenceSpecs`.
enum PackedPaddingWithContextParallel: Rule {
  static let code: DiagnosticCode = "CP-06"
  static let title = "packed examples are padded for context parallelism"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard dataset.kind == .sft, dataset.packedSequenceSize > 0, let multiple = dataset.padSeqToMult else { return }
    let (path, context) = (Path.dataset.padSeqToMult, run.sizes.context)
    let unit = context > 1 ? 2 * context : 1
    if multiple == 0 {
      report.error(
        at: path, "pad_seq_to_mult is 0, but packed examples are padded to a multiple of it", help: "write \(unit)",
        related: [(Path.dataset.packedSequenceSize, "packing is on")], fix: .safe("write \(unit)", (path, .int(unit))))
    } else if multiple % unit != 0 {
      report.warning(
        at: path,
        """
        pad_seq_to_mult \(multiple) is no multiple of 2 x CP \(context) = \(unit): packed examples are cut in their \
        middle
        """,
        help: "nearest: \(Help.multiples(of: unit, near: multiple))",
        related: [
          (Path.parallelism.contextParallelSize, "CP \(context)"), (Path.dataset.packedSequenceSize, "packing is on"),
        ],
        fix: .unsafe(
          "make it \(Help.neighbours(of: multiple, multipleOf: unit).above)",
          (path, .int(Help.neighbours(of: multiple, multipleOf: unit).above))))
    }
  }
}
