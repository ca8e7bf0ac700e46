import Diagnostics
import LaunchModel

/// # DATA-11: finetuning has examples
///
/// ## What
/// `dataset.kind: sft` needs `data_paths`, or `dataset_name` of a Hugging Face dataset, which only Megatron downloads.
///
/// ## Why
/// There is nothing to train on otherwise.
///
/// ## Example
/// ```yaml
/// dataset: {kind: sft, dataset_name: null}
/// ```
///
/// ## Fix
/// Name a directory or JSONL files of examples.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `data/builders/finetuning_dataset.py`.
enum FinetuningHasExamples: Rule {
  static let code: DiagnosticCode = "DATA-11"
  static let title = "finetuning has examples"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard dataset.kind == .sft, dataset.dataPaths.isEmpty, (dataset.carried("dataset_root") ?? .null) == .null else {
      return
    }
    if let name = dataset.datasetName {
      guard run.worldSize == 1 else { return }
      report.note(
        at: Path.dataset.datasetName, "`\(name)` is downloaded by Megatron only; the CPU engine reads `data_paths`",
        related: [(Path.dataset.dataPaths, "none")])
    } else {
      report.error(
        at: Path.dataset.dataPaths, "finetuning without examples: neither `data_paths` nor `dataset_name`",
        related: [(Path.dataset.datasetName, "null"), (Path.dataset.kind, "sft")])
    }
  }
}
