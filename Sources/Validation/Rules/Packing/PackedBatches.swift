import ConfigDocument
import Diagnostics
import LaunchModel

/// # PACK-01: packed sequences come one at a time
///
/// ## What
/// Finetuning with `packed_sequence_size` above 0 needs `micro_batch_size` 1.
///
/// ## Why
/// A pack is a micro-batch already: several examples in one row.
///
/// ## Example
/// ```yaml
/// train: {micro_batch_size: 4, global_batch_size: 128}
/// dataset: {kind: sft, packed_sequence_size: 4096}
/// ```
///
/// ## Fix
/// The same work: micro batch 1, the global batch divided by 4, packs of 16384.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
enum PacksComeOneAtATime: Rule {
  static let code: DiagnosticCode = "PACK-01"
  static let title = "packed sequences come one at a time"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard dataset.packedSequenceSize > 0, dataset.kind == .sft, let micro = run.config.train.microBatchSize, micro > 1
    else { return }
    let size = dataset.packedSequenceSize
    let same = size.multipliedReportingOverflow(by: micro)
    var help: String?
    if let global = run.config.train.globalBatchSize, !same.overflow {
      help =
        "the same work: micro batch 1, global batch \(global) / \(micro) = \(global / micro), packs of \(size) x \(micro) = \(same.partialValue)"
    }
    report.error(
      at: Path.train.microBatchSize, "packed sequences need a micro batch of 1, not \(micro)", help: help,
      related: [(Path.dataset.packedSequenceSize, "packs of \(size)")],
      fix: .unsafe("make it 1", (Path.train.microBatchSize, .int(1))))
  }
}

/// # PACK-02: packing within a batch needs several sequences
///
/// ## What
/// `pack_sequences_in_batch` needs `micro_batch_size` above 1.
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
/// megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
enum BatchPackingNeedsSequences: Rule {
  static let code: DiagnosticCode = "PACK-02"
  static let title = "packing within a batch needs several sequences"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.dataset.packSequencesInBatch, run.config.train.microBatchSize == 1, run.config.dataset.kind == .sft
    else { return }
    report.error(
      at: Path.dataset.packSequencesInBatch, "the sequences of a micro batch are to be packed, but it holds 1",
      help: "at least 2", related: [(Path.train.microBatchSize, "1")],
      fix: .unsafe("switch it off", (Path.dataset.packSequencesInBatch, .bool(false))))
  }
}

/// # PACK-03: packed files are NumPy files
///
/// ## What
/// `packed_train_data_path` and `packed_val_data_path` end in `.npy`.
///
/// ## Why
/// Megatron-Bridge refuses others when the config is made. It also wants them to exist, which is not looked at here.
///
/// ## Example
/// ```yaml
/// dataset: {kind: sft, packed_sequence_size: 4096, packed_train_data_path: packed/train.jsonl}
/// ```
///
/// ## Fix
/// Name the file that Bridge's packing has written.
///
/// ## Source
/// megatron-bridge 0.3.1 `data/datasets/packed_sequence.py`, `PackedSequenceSpecs.__post_init__`.
enum PackedFilesAreNumPy: Rule {
  static let code: DiagnosticCode = "PACK-03"
  static let title = "packed files are NumPy files"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard !dataset.storage.carried.isEmpty else { return }
    for name in ["packed_train_data_path", "packed_val_data_path"] {
      guard case .string(let path)? = dataset.carried(name), !path.hasSuffix(".npy") else { continue }
      report.error(at: FieldPath("dataset", name), "`\(path)` is no `.npy` file")
    }
  }
}

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
/// megatron-bridge 0.3.1 `data/datasets/packed_sequence.py`.
enum PackHoldsLongestExample: Rule {
  static let code: DiagnosticCode = "PACK-04"
  static let title = "a pack holds the longest example"

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
