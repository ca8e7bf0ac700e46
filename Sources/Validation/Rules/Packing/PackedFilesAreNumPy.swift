import Diagnostics
import LaunchModel
import Releases

/// # PACK-03: packed files are NumPy files
///
/// ## What
/// `packed_train_data_path` and `packed_val_data_path` end in `.npy`; since 0.5.1 in `.npy`, `.parquet` or `.pq`, or are a folder or
/// a pattern of Parquet files.
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
/// - 0.3.1: megatron-bridge 0.3.1 `data/datasets/packed_sequence.py`, `PackedSequenceSpecs.__post_init__`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2 `data/packing/config.py`.
enum PackedFilesAreNumPy: Rule {
  static let code: DiagnosticCode = "PACK-03"
  static let title = "packed files are NumPy files"
  static let errorsDependOn: PlanAspects = []

  /// Where Parquet files are taken as well, and folders and patterns of them.
  private static let takesParquet = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard !dataset.storage.carried.isEmpty else { return }
    let takesParquet = takesParquet.contains(run.release)
    for name in ["packed_train_data_path", "packed_val_data_path"] {
      guard let path = dataset.text(name), takesParquet ? !isPacked(path) : !path.hasSuffix(".npy") else { continue }
      report.error(
        at: FieldPath("dataset", name),
        takesParquet ? "`\(path)` is neither a `.npy` nor a Parquet file" : "`\(path)` is no `.npy` file")
    }
  }

  /// By its name; what is in a folder or matches a pattern is seen where the run starts.
  private static func isPacked(_ path: String) -> Bool {
    let file = path.lowercased().split(separator: "/").last ?? ""
    guard let dot = file.lastIndex(of: "."), !file.contains(where: { $0 == "*" || $0 == "?" }) else { return true }
    return [".npy", ".parquet", ".pq"].contains(file[dot...])
  }
}
