import ConfigDocument
import Diagnostics
import LaunchModel

/// # DATA-05: positions and masks at ends of documents are decided
///
/// ## What
/// `reset_position_ids`, `reset_attention_mask` and `eod_mask_loss` are true or false, not null.
///
/// ## Why
/// Megatron's classes default to `None` and refuse it.
///
/// ## Example
/// ```yaml
/// dataset: {reset_position_ids: null}
/// ```
///
/// ## Fix
/// `false`, as in the recipes.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `GPTDatasetConfig.finalize`.
enum ResetsAreDecided: Rule {
  static let code: DiagnosticCode = "DATA-05"
  static let title = "positions and masks at ends of documents are decided"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard dataset.resetPositionIDs == nil || dataset.resetAttentionMask == nil || dataset.eodMaskLoss == nil,
      dataset.kind != .sft
    else { return }
    let missing = [
      (Path.dataset.resetPositionIDs, dataset.resetPositionIDs),
      (Path.dataset.resetAttentionMask, dataset.resetAttentionMask),
      (Path.dataset.eodMaskLoss, dataset.eodMaskLoss),
    ].filter { $0.1 == nil }.map(\.0)
    report.error(
      at: missing[0], missing.map { "`\($0.field)`" }.joined(separator: ", ") + ": true or false, not null",
      related: missing.dropFirst().map { ($0, "null as well") },
      fix: FieldFix(
        title: "make it false", applicability: .unsafe, changes: missing.map { (path: $0, value: .bool(false)) }))
  }
}

/// # DATA-06: fast starts need a cache
///
/// ## What
/// `fast_cache_load` and `defer_npy_index_mmap` need `path_to_cache`; the first also needs data named for each split.
///
/// ## Why
/// Both skip the building of sample indices and read them from the cache.
///
/// ## Example
/// ```yaml
/// dataset: {defer_npy_index_mmap: true}
/// ```
///
/// ## Fix
/// Name the cache.
///
/// ## Source
/// megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
enum FastStartsNeedCache: Rule {
  static let code: DiagnosticCode = "DATA-06"
  static let title = "fast starts need a cache"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard !dataset.storage.carried.isEmpty, dataset.kind != .sft else { return }
    let fast = dataset.carried("fast_cache_load") == .bool(true)
    let deferred = dataset.carried("defer_npy_index_mmap") == .bool(true)
    guard fast || deferred else { return }
    let path = FieldPath("dataset", fast ? "fast_cache_load" : "defer_npy_index_mmap")
    if dataset.pathToCache == nil {
      report.error(
        at: path, "`\(path.field)` reads sample indices from a cache, but there is no `path_to_cache`",
        related: [(Path.dataset.pathToCache, "null")])
    } else if fast, !dataset.dataPaths.isEmpty, dataset.validDataPaths.isEmpty, dataset.testDataPaths.isEmpty,
      dataset.kind != .mock
    {
      report.error(
        at: path, "`fast_cache_load` needs data named for each split, not one blend for all",
        help: "name `valid_data_paths` and `test_data_paths`", related: [(Path.dataset.dataPaths, "one blend")])
    }
  }
}

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
/// megatron-bridge 0.3.1 `data/samplers.py`.
enum LoaderFitsBatch: Rule {
  static let code: DiagnosticCode = "DATA-07"
  static let title = "the loader is one that Megatron knows, and fits the batch"

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

/// # DATA-09: workers that stay need workers
///
/// ## What
/// `persistent_workers` needs `num_workers` above 0.
///
/// ## Why
/// PyTorch's DataLoader refuses it otherwise.
///
/// ## Example
/// ```yaml
/// dataset: {num_workers: 0, persistent_workers: true}
/// ```
///
/// ## Fix
/// Switch `persistent_workers` off.
///
/// ## Source
/// torch `utils/data/dataloader.py`; megatron-bridge 0.3.1 `data/samplers.py`.
enum PersistentWorkersExist: Rule {
  static let code: DiagnosticCode = "DATA-09"
  static let title = "workers that stay need workers"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard dataset.numWorkers == 0, dataset.carried("persistent_workers") == .bool(true) else { return }
    let path = FieldPath("dataset", "persistent_workers")
    report.error(
      at: path, "workers are to stay between epochs, but `num_workers` is 0",
      related: [(Path.dataset.numWorkers, "0")], fix: .unsafe("switch it off", (path, .bool(false))))
  }
}
