import Diagnostics
import LaunchModel
import Releases

/// # BATCH-06: every batch of a ramp-up is a whole number of micro-batches on every replica
///
/// ## What
/// Each size from start to `global_batch_size` must be a multiple of `micro_batch_size` times the data-parallel size,
/// unless `decrease_batch_size_if_needed` rounds them down; then the start must still be one micro-batch a replica.
///
/// ## Why
/// Megatron accepts such a ramp-up at start-up and refuses it in training, at the first size that does not fit.
///
/// ## Example
/// ```yaml
/// train: {global_batch_size: 2048, micro_batch_size: 1, rampup_batch_size: [12, 4, 100000]}   # with 8 replicas
/// ```
///
/// ## Fix
/// Take start and increment as multiples of micro batch times replicas.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `num_microbatches_calculator.py`, `update`; megatron-bridge 0.3.1 `training/train.py`.
enum RampUpSizesDivideReplicas: Rule {
  static let code: DiagnosticCode = "BATCH-06"
  static let title = "every batch of a ramp-up is a whole number of micro-batches on every replica"
  static let errorsDependOn: PlanAspects = [.replicas, .microBatch]
  static let releases = ReleaseSet.where { $0.rampUp == .applied }

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    guard let ramp = run.rampUp, let replicas = run.dataParallelSize, let micro = train.microBatchSize
    else { return }
    let (product, overflow) = micro.multipliedReportingOverflow(by: replicas)
    let share = overflow ? Int.max : product
    let rounds = train.decreaseBatchSizeIfNeeded
    guard let size = rounds ? (ramp.start < share ? ramp.start : nil) : ramp.firstSize(notMultipleOf: share) else {
      return
    }
    let unit = "micro \(micro) x \(replicas) replicas\(overflow ? "" : " = \(share)")"
    var help: Message?
    if !overflow {
      let start = Help.neighbours(of: ramp.start, multipleOf: share)
      let increment = Help.neighbours(of: ramp.increment, multipleOf: share)
      help =
        "start and increment as multiples of \(share): [\(start.below ?? start.above), \(increment.below ?? increment.above), …]"
    }
    report.error(
      at: Path.train.rampupBatchSize,
      rounds
        ? "the first batch of \(size), rounded down to a multiple of \(unit), is 0"
        : "the batch of \(size) is no multiple of \(unit); Megatron finds out when the ramp-up reaches it",
      help: help,
      related: Help.replicaFields(run) + [(Path.train.microBatchSize, "micro batch \(micro)")])
  }
}
