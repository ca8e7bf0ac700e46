import Diagnostics
import LaunchModel

/// # PACK-04: a pack holds the longest example
///
/// ## What
/// `packed_sequence_size` is smaller than `seq_length`.
///
/// ## Why
/// Examples are cut at `seq_length` and then packed; nothing compares the two. What is longer than a pack is lost.
///
/// ## Example
/// ```yaml
/// model: {seq_length: 8192}
/// dataset: {kind: sft, packed_sequence_size: 4096}
/// ```
///
/// ## Fix
/// Make them equal.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `data/datasets/packed_sequence.py`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
enum PackHoldsLongestExample: Rule {
  static let code: DiagnosticCode = "PACK-04"
  static let title = "a pack holds the longest example"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (size, length) = (run.config.dataset.packedSequenceSize, run.config.model.seqLength)
    guard size > 0, size < length, run.config.dataset.kind == .sft else { return }
    report.warning(
      at: Path.dataset.packedSequenceSize,
      "packs of \(size) tokens for examples of up to \(length): longer ones do not fit",
      related: [(Path.model.seqLength, "\(length)")],
      fix: .unsafe("make it \(length)", (Path.dataset.packedSequenceSize, .int(length))))
  }
}
