import Diagnostics
import LaunchModel

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
/// - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum FastStartsNeedCache: Rule {
  static let code: DiagnosticCode = "DATA-06"
  static let title = "fast starts need a cache"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard !dataset.storage.carried.isEmpty, dataset.kind != .sft else { return }
    let fast = dataset.carried("fast_cache_load") == .bool(true)
    let deferred = dataset.carried("defer_npy_index_mmap") == .bool(true)
    guard fast || deferred else { return }
    let path = FieldPath("dataset", fast ? "fast_cache_load" : "defer_npy_index_mmap")
    if dataset.pathToCache == nil {
      report.error(
        at: path, "`\(name: path)` reads sample indices from a cache, but there is no `path_to_cache`",
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
