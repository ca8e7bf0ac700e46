import Diagnostics
import LaunchModel

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
/// - 0.3.1: megatron-bridge 0.3.1 `data/datasets/packed_sequence.py`, `PackedSequenceSpecs.__post_init__`.
enum PackedFilesAreNumPy: Rule {
  static let code: DiagnosticCode = "PACK-03"
  static let title = "packed files are NumPy files"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard !dataset.storage.carried.isEmpty else { return }
    for name in ["packed_train_data_path", "packed_val_data_path"] {
      guard case .string(let path)? = dataset.carried(name), !path.hasSuffix(".npy") else { continue }
      report.error(at: FieldPath("dataset", name), "`\(path)` is no `.npy` file")
    }
  }
}
