import Diagnostics
import LaunchModel

/// # BATCH-01: the global batch is a whole number of micro-batches on every replica
///
/// ## What
/// `global_batch_size` must be a multiple of `micro_batch_size` times the data-parallel size, and at least once it,
/// unless `decrease_batch_size_if_needed` rounds it down or `rampup_batch_size` is in force.
///
/// ## Why
/// Every replica runs the same number of micro-batches in a step.
///
/// ## Example
/// ```yaml
/// train: {global_batch_size: 100, micro_batch_size: 1}   # with 8 replicas: 12.5 micro-batches
/// ```
///
/// ## Fix
/// Take the nearest multiple.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `num_microbatches_calculator.py`, `ConstantNumMicroBatchesCalculator`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum GlobalBatchDividesReplicas: Rule {
  static let code: DiagnosticCode = "BATCH-01"
  static let title = "the global batch is a whole number of micro-batches on every replica"
  static let errorsDependOn: PlanAspects = [.replicas, .microBatch]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.numMicrobatches == nil, let replicas = run.dataParallelSize else { return }
    let train = run.config.train
    guard run.config.isWithoutRampUp, !train.decreaseBatchSizeIfNeeded, let global = train.globalBatchSize,
      let micro = train.microBatchSize
    else { return }
    let (share, overflow) = micro.multipliedReportingOverflow(by: replicas)
    let nearest = overflow ? [] : run.scheduledBatches(near: global, share: share)
    report.error(
      at: Path.train.globalBatchSize,
      """
      \(Help.replicas(run, replicas)); \(global) / (micro \(micro) x \(replicas)\(overflow ? "" : " = \(share)")) = \
      \(overflow ? "0" : Help.quotient(global, share)) micro-batches, no whole number
      """,
      help: nearest.isEmpty ? nil : "nearest: \(Help.list(nearest))",
      related: Help.replicaFields(run) + [(Path.train.microBatchSize, "micro batch \(micro)")],
      fix: nearest.first.map { .unsafe("make it \($0)", (Path.train.globalBatchSize, .int($0))) })
  }
}
