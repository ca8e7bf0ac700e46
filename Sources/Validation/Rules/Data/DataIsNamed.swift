import Diagnostics
import LaunchModel

/// # DATA-01: data are named, or made up on purpose
///
/// ## What
/// `dataset.kind` of `jsonl`, `tokens` or `indexed` needs `data_paths`. With `mock` paths are not read, and `split` is
/// always `1,1,1`.
///
/// ## Why
/// Megatron takes a missing blend for a wish for mock data, and trains on noise without a word. The CPU engine has
/// nothing to read.
///
/// ## Example
/// ```yaml
/// dataset: {kind: indexed}   # no data_paths
/// ```
///
/// ## Fix
/// Name the data, or say `kind: mock`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum DataIsNamed: Rule {
  static let code: DiagnosticCode = "DATA-01"
  static let title = "data are named, or made up on purpose"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    let kind = dataset.kind
    switch kind {
    case .sft: return
    case .mock:
      if let path = Blends.firstPath(dataset) {
        report.warning(
          at: Path.dataset.kind, "mock data are made up; the paths that are named are not read",
          help: "without `kind` it follows from the first path", related: [(path, "not read")])
      } else if let split = dataset.split, split != "1,1,1", dataset.isWritten(\.split) {
        report.note(
          at: Path.dataset.split, "mock data are split `1,1,1`, not `\(split)`", related: [(Path.dataset.kind, "mock")],
          fix: .safe("write `1,1,1`", (Path.dataset.split, .string("1,1,1"))))
      }
    case .jsonl, .tokens, .indexed:
      guard dataset.dataPaths.isEmpty, !Blends.isCarried(dataset) else { return }
      report.error(
        at: Path.dataset.dataPaths,
        "`kind` is `\(kind.rawValue)`, but there are no `data_paths`; Megatron would make data up",
        help: "`kind: mock` makes data up on purpose", related: [(Path.dataset.kind, "\(kind.rawValue)")])
    }
  }
}
