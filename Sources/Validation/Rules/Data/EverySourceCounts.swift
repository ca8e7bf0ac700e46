import Diagnostics
import LaunchModel

/// # DATA-10: every source of a blend counts
///
/// ## What
/// Weights in `data_paths`, `valid_data_paths` and `test_data_paths` must be above 0; a single source's as well.
///
/// ## Why
/// Megatron refuses a source that no sample would be drawn from, when it blends the data.
///
/// ## Example
/// ```yaml
/// dataset: {data_paths: [{path: web_text_document, weight: 1}, {path: code_text_document, weight: 0}]}
/// ```
///
/// ## Fix
/// Leave the source out.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `datasets/blended_dataset.py`, `BlendedDataset`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum EverySourceCounts: Rule {
  static let code: DiagnosticCode = "DATA-10"
  static let title = "every source of a blend counts"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    let kind = dataset.kind
    guard kind != .mock, kind != .sft else { return }
    for (path, sources) in [
      (Path.dataset.dataPaths, dataset.dataPaths), (Path.dataset.validDataPaths, dataset.validDataPaths),
      (Path.dataset.testDataPaths, dataset.testDataPaths),
    ] {
      guard let idle = sources.first(where: { ($0.weight ?? 1) <= 0 }), let weight = idle.weight else { continue }
      report.error(
        at: path, "`\(idle.path)` has the weight \(weight), so nothing would be drawn from it; a weight is above 0",
        help: "leave the source out")
    }
  }
}
