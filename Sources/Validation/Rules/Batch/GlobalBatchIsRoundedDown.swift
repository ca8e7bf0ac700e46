import Diagnostics
import LaunchModel

/// # BATCH-02: the global batch is rounded down
///
/// ## What
/// With `decrease_batch_size_if_needed` a global batch that is no multiple of `micro_batch_size` times the data-parallel
/// size is rounded down to one. What is left must be at least one micro-batch a replica.
///
/// ## Why
/// The run trains with a smaller batch than the one written, while the learning-rate schedule still counts with the
/// written one.
///
/// ## Example
/// ```yaml
/// train: {global_batch_size: 100, micro_batch_size: 1, decrease_batch_size_if_needed: true}   # 8 replicas: 96
/// ```
///
/// ## Fix
/// Write the batch that is meant.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `num_microbatches_calculator.py`, `ConstantNumMicroBatchesCalculator`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum GlobalBatchIsRoundedDown: Rule {
  static let code: DiagnosticCode = "BATCH-02"
  static let title = "the global batch is rounded down"
  static let errorsDependOn: PlanAspects = [.replicas, .microBatch]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    guard train.decreaseBatchSizeIfNeeded, run.config.isWithoutRampUp, let replicas = run.dataParallelSize,
      let global = train.globalBatchSize, let micro = train.microBatchSize
    else { return }
    let (share, overflow) = micro.multipliedReportingOverflow(by: replicas)
    guard !overflow, global >= share else {
      report.error(
        at: Path.train.globalBatchSize,
        """
        \(Help.replicas(run, replicas)); \(global) rounded down to a multiple of micro \(micro) x \(replicas)\
        \(overflow ? "" : " = \(share)") is 0
        """,
        help: overflow ? nil : "at least \(share)",
        related: Help.replicaFields(run) + [
          (Path.train.microBatchSize, "micro batch \(micro)"),
          (Path.train.decreaseBatchSizeIfNeeded, "asks for rounding"),
        ],
        fix: overflow ? nil : .unsafe("make it \(share)", (Path.train.globalBatchSize, .int(share))))
      return
    }
    let rest = global % share
    guard rest != 0 else { return }
    report.note(
      at: Path.train.globalBatchSize,
      "the run trains with a global batch of \(global - rest): \(global) rounded down to a multiple of "
        + "micro \(micro) x \(replicas) replicas = \(share)",
      help: "the learning-rate schedule still counts \(global) samples a step",
      related: [
        (Path.train.decreaseBatchSizeIfNeeded, "asks for rounding"),
        (Path.train.microBatchSize, "micro batch \(micro)"),
      ],
      fix: .unsafe("make it \(global - rest)", (Path.train.globalBatchSize, .int(global - rest))))
  }
}
