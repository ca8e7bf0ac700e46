import Diagnostics
import LaunchModel

/// # DATA-03: data named for each split are not split
///
/// ## What
/// `valid_data_paths` and `test_data_paths` exclude `split`. (Written in Megatron's own form, `blend_per_split` holds
/// exactly three blends and excludes `blend` and `split`.)
///
/// ## Why
/// There is nothing left to share out; Megatron refuses the contradiction.
///
/// ## Example
/// ```yaml
/// dataset: {data_paths: [train_document], valid_data_paths: [valid_document], split: "99,1,0"}
/// ```
///
/// ## Fix
/// Remove `split`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SeparateDataAreNotSplit: Rule {
  static let code: DiagnosticCode = "DATA-03"
  static let title = "data named for each split are not split"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    let kind = dataset.kind
    guard kind != .mock, kind != .sft else { return }
    let remove = FieldFix.safe("remove the split", (Path.dataset.split, nil))
    if !dataset.validDataPaths.isEmpty || !dataset.testDataPaths.isEmpty {
      let own = dataset.validDataPaths.isEmpty ? Path.dataset.testDataPaths : Path.dataset.validDataPaths
      guard let split = dataset.split else { return }
      report.error(
        at: Path.dataset.split, "`split` is `\(split)`, but `\(name: own)` are data of their own",
        related: [(own, "data of their own")], fix: remove)
      return
    }
    guard case .list(let blends)? = dataset.carried("blend_per_split"), blends.contains(where: { $0 != .null }) else {
      return
    }
    let path = FieldPath("dataset", "blend_per_split")
    if !dataset.dataPaths.isEmpty || (dataset.carried("blend") ?? .null) != .null {
      let other = dataset.dataPaths.isEmpty ? FieldPath("dataset", "blend") : Path.dataset.dataPaths
      report.error(
        at: path, "one blend for all splits and blends for each exclude each other", related: [(other, "the other")])
    } else if let split = dataset.split {
      report.error(
        at: Path.dataset.split, "`split` is `\(split)`, but each split has a blend of its own",
        related: [(path, "their own")],
        fix: remove)
    } else if blends.count != 3 {
      report.error(at: path, "`blend_per_split` holds blends of training, validation and test, but has \(blends.count)")
    }
  }
}
