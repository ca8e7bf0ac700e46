import Diagnostics
import LaunchModel

/// # BATCH-03: both batch sizes are given
///
/// ## What
/// `global_batch_size` and `micro_batch_size` must be numbers.
///
/// ## Why
/// Megatron-LM's command line takes one micro-batch a replica for a missing global batch. Megatron-Bridge has no
/// such default: it multiplies, and fails on `None`.
///
/// ## Example
/// ```yaml
/// train: {train_iters: 1000, micro_batch_size: 1}   # no global_batch_size
/// ```
///
/// ## Fix
/// Write both. The smallest global batch is the micro batch times the data-parallel size.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`; megatron-core 0.16.1 `num_microbatches_calculator.py`.
enum BatchSizesAreGiven: Rule {
  static let code: DiagnosticCode = "BATCH-03"
  static let title = "both batch sizes are given"
  static let errorsDependOn: PlanAspects = .microBatch

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.numMicrobatches == nil else { return }
    let train = run.config.train
    if train.globalBatchSize == nil {
      var help: Message?
      if let replicas = run.dataParallelSize, let micro = train.microBatchSize {
        let (share, overflow) = micro.multipliedReportingOverflow(by: replicas)
        if !overflow { help = "any multiple of micro \(micro) x \(replicas) replicas = \(share)" }
      }
      report.error(
        at: Path.train.globalBatchSize, "`global_batch_size` is not given; Megatron-Bridge has no default for it",
        help: help, related: [(Path.train.microBatchSize, "of which it must be a multiple")])
    }
    if train.microBatchSize == nil {
      report.error(
        at: Path.train.microBatchSize, "`micro_batch_size` is not given; Megatron-Bridge has no default for it",
        help: "1 is legal for any model", fix: .unsafe("make it 1", (Path.train.microBatchSize, .int(1))))
    }
  }
}
