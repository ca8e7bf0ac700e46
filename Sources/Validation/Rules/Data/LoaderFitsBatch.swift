import Diagnostics
import LaunchModel

/// # DATA-07: the loader is one that Megatron knows, and fits the batch
///
/// ## What
/// `dataloader_type` must not be null. `batch`, which samples whole global batches, needs `global_batch_size` to be a
/// multiple of micro batch times replicas even where `decrease_batch_size_if_needed` would round it down.
///
/// ## Why
/// Null is the default of Megatron-Bridge's class, and refused by it. The batch sampler does its own division.
///
/// ## Example
/// ```yaml
/// dataset: {dataloader_type: null}
/// ```
///
/// ## Fix
/// `single` for pretraining, `batch` for finetuning.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `data/samplers.py`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum LoaderFitsBatch: Rule {
  static let code: DiagnosticCode = "DATA-07"
  static let title = "the loader is one that Megatron knows, and fits the batch"
  static let errorsDependOn: PlanAspects = [.replicas, .microBatch]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard let loader = dataset.dataloaderType else {
      let usual = dataset.kind == .sft ? DataLoaderKind.batch : .single
      report.error(
        at: Path.dataset.dataloaderType, "`dataloader_type` is null, which Megatron-Bridge refuses",
        help: "`single` for pretraining, `batch` for finetuning",
        fix: .unsafe("make it `\(usual.rawValue)`", (Path.dataset.dataloaderType, usual.configValue)))
      return
    }
    let train = run.config.train
    // Without rounding, and with a ramp-up of sizes that fit, the batch has been checked already.
    guard loader == .batch, train.decreaseBatchSizeIfNeeded, let replicas = run.dataParallelSize,
      let global = train.globalBatchSize, let micro = train.microBatchSize
    else { return }
    let (share, overflow) = micro.multipliedReportingOverflow(by: replicas)
    guard !overflow, share > 0, global >= share, global % share != 0 else { return }
    report.error(
      at: Path.train.globalBatchSize,
      """
      the `batch` loader takes whole global batches: \(Help.replicas(run, replicas)); \(global) is no multiple of micro \
      \(micro) x \(replicas) = \(share), and it does not round
      """,
      help: "nearest: \(Help.multiples(of: share, near: global))",
      related: [
        (Path.dataset.dataloaderType, "`batch`"),
        (Path.train.decreaseBatchSizeIfNeeded, "rounds for the training loop only"),
      ])
  }
}
