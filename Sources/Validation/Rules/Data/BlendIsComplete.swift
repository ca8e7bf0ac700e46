import Diagnostics
import LaunchModel

/// # DATA-02: a blend is complete
///
/// ## What
/// `data_paths` need a `split`, unless validation or test data are named of their own. And either all paths have a weight
/// or none has one.
///
/// ## Why
/// One blend serves training, validation and test, and has to be shared out.
///
/// ## Example
/// ```yaml
/// dataset:
///   data_paths: [{path: web_text_document, weight: 0.7}, code_text_document]   # the second has no weight
/// ```
///
/// ## Fix
/// Without `split`, `9999,8,2` is derived; without weights, sources count by their size.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum BlendIsComplete: Rule {
  static let code: DiagnosticCode = "DATA-02"
  static let title = "a blend is complete"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    let kind = dataset.kind
    guard kind != .mock, kind != .sft else { return }
    for (path, sources) in [
      (Path.dataset.dataPaths, dataset.dataPaths), (Path.dataset.validDataPaths, dataset.validDataPaths),
      (Path.dataset.testDataPaths, dataset.testDataPaths),
    ] {
      guard let bare = sources.first(where: { $0.weight == nil }),
        let weighted = sources.first(where: { $0.weight != nil })
      else { continue }
      report.error(
        at: path, "`\(weighted.path)` has a weight and `\(bare.path)` has none; either all have one or none",
        help: "\(Help.count(sources.count, "source")), \(Help.count(sources.count { $0.weight != nil }, "weight"))")
    }
    guard !dataset.dataPaths.isEmpty, dataset.split == nil, dataset.validDataPaths.isEmpty,
      dataset.testDataPaths.isEmpty
    else { return }
    report.error(
      at: Path.dataset.split, "`data_paths` need a `split` into training, validation and test",
      help: "`9999,8,2` is usual; or name `valid_data_paths`",
      related: [(Path.dataset.dataPaths, "one blend for all three")],
      fix: .unsafe("write `9999,8,2`", (Path.dataset.split, .string("9999,8,2"))))
  }
}
