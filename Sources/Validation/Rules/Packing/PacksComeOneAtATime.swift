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
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum PacksComeOneAtATime: Rule {
  static let code: DiagnosticCode = "PACK-01"
  static let title = "packed sequences come one at a time"
  static let errorsDependOn: PlanAspects = .microBatch

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard dataset.packedSequenceSize > 0, dataset.kind == .sft, let micro = run.config.train.microBatchSize, micro > 1
    else { return }
    let size = dataset.packedSequenceSize
    let same = size.multipliedReportingOverflow(by: micro)
    var help: Message?
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
