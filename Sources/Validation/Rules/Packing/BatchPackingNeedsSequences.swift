import Diagnostics
import LaunchModel
import Releases

/// # PACK-02: packing within a batch needs several sequences
///
/// ## What
/// `pack_sequences_in_batch` needs `micro_batch_size` above 1. Since 0.6.2 the class of examples does not have it.
///
/// ## Why
/// It joins the sequences of one micro-batch.
///
/// ## Example
/// ```yaml
/// train: {micro_batch_size: 1}
/// dataset: {pack_sequences_in_batch: true}
/// ```
///
/// ## Fix
/// A larger micro batch, or `packed_sequence_size`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
enum BatchPackingNeedsSequences: Rule {
  static let code: DiagnosticCode = "PACK-02"
  static let title = "packing within a batch needs several sequences"
  static let errorsDependOn: PlanAspects = .microBatch
  static let releases = ReleaseSet.until(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.dataset.packSequencesInBatch, run.config.train.microBatchSize == 1, run.config.dataset.kind == .sft
    else { return }
    report.error(
      at: Path.dataset.packSequencesInBatch, "the sequences of a micro batch are to be packed, but it holds 1",
      help: "at least 2", related: [(Path.train.microBatchSize, "1")],
      fix: .unsafe("switch it off", (Path.dataset.packSequencesInBatch, .bool(false))))
  }
}
