import ConfigDocument
import Diagnostics
import LaunchModel

/// # DATA-13: examples are for finetuning
///
/// ## What
/// `recipe.mode: pretrain` with `dataset.kind: sft`.
///
/// ## Why
/// It is accepted, and trains random weights on prompts and completions, with loss on the completions only.
///
/// ## Example
/// ```yaml
/// recipe: {mode: pretrain}
/// dataset: {kind: sft, data_paths: [chat.jsonl]}
/// ```
///
/// ## Fix
/// `mode: sft`, with `checkpoint.pretrained_checkpoint`; or text for pretraining.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/pretrain.py`, `training/finetune.py`.
enum ExamplesAreForFinetuning: Rule {
  static let code: DiagnosticCode = "DATA-13"
  static let title = "examples are for finetuning"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.recipe.mode == .pretrain, run.config.dataset.kind == .sft else { return }
    report.warning(
      at: Path.dataset.kind, "pretraining on examples: weights start at random and see completions only",
      help: "`mode: sft` starts from a checkpoint", related: [(Path.recipe.mode, "pretrain")],
      fix: .unsafe("finetune", (Path.recipe.mode, .string("sft"))))
  }
}

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
/// megatron-bridge 0.3.1 `data/builders/finetuning_dataset.py`.
enum FinetuningHasExamples: Rule {
  static let code: DiagnosticCode = "DATA-11"
  static let title = "finetuning has examples"

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

/// # DATA-12: Megatron reads indexed data
///
/// ## What
/// On a cluster, pretraining data of the kinds `jsonl` and `tokens` are text that Megatron does not read: its datasets are
/// `.bin`/`.idx` pairs.
///
/// ## Why
/// The CPU engine tokenises as it reads; Megatron wants it done before.
///
/// ## Example
/// ```yaml
/// cluster: {num_nodes: 2}
/// dataset: {data_paths: [corpus.jsonl]}
/// ```
///
/// ## Fix
/// `moonlight-trainer prepare` writes the pair; then name its prefix.
///
/// ## Source
/// megatron-core 0.16.1 `datasets/indexed_dataset.py`.
enum MegatronReadsIndexedData: Rule {
  static let code: DiagnosticCode = "DATA-12"
  static let title = "Megatron reads indexed data"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.worldSize > 1 else { return }
    let kind = run.config.dataset.kind
    guard kind == .jsonl || kind == .tokens, !run.config.dataset.dataPaths.isEmpty else { return }
    report.note(
      at: Path.dataset.dataPaths, "Megatron does not read `\(kind.rawValue)` but `.bin`/`.idx` pairs",
      help: "`moonlight-trainer prepare` writes them; the CPU engine reads both",
      related: [(Path.dataset.kind, kind.rawValue)])
  }
}
