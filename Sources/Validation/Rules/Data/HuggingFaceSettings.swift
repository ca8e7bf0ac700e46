import Diagnostics
import LaunchModel
import Releases

/// # DATA-15: settings of a Hugging Face dataset have one to apply to
///
/// ## What
/// `hf_output_root`, `hf_rewrite`, `hf_validation_dataset` and `hf_test_dataset` need `dataset_name`, and no `data_paths`. With a
/// `dataset_name`, `hf_validation_proportion` is above 0 and below 1 where something is evaluated, and excludes
/// `hf_validation_dataset`. `dataset_kwargs` does not hold `max_num_samples`, nor, beside `preprocessing`, what that says.
///
/// ## Why
/// Megatron-Bridge refuses a setting that it would pass over.
///
/// ## Example
/// ```yaml
/// dataset: {kind: sft, data_paths: [/data/sft], hf_rewrite: true}
/// ```
///
/// ## Fix
/// Remove it.
///
/// ## Source
/// - 0.6.2: megatron-bridge 0.6.2 `data/builders/gpt_sft.py`, `GPTSFTDatasetConfig.validate`.
enum HuggingFaceSettings: Rule {
  static let code: DiagnosticCode = "DATA-15"
  static let title = "settings of a Hugging Face dataset have one to apply to"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge062)

  private static let argumentsPath = FieldPath("dataset", "dataset_kwargs")
  private static let ofHuggingFace = ["hf_output_root", "hf_rewrite", "hf_validation_dataset", "hf_test_dataset"]
  /// `_SEMANTIC_DATASET_KWARGS`.
  private static let semantic = [
    "add_bos", "add_eos", "add_sep", "answer_only_loss", "chat", "chat_loss_mode", "label_key",
    "prompt_completion_config", "prompt_template", "truncation_field", "truncation_method",
    "use_hf_tokenizer_chat_template",
  ]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard dataset.kind == .sft else { return }
    if !dataset.dataPaths.isEmpty {
      for name in ofHuggingFace where dataset.isSet(name) && dataset.carried(name) != .bool(false) {
        let path = FieldPath("dataset", name)
        report.error(
          at: path, "`\(name: path)` is for a dataset of Hugging Face, but examples come from files", help: "remove it",
          related: [(Path.dataset.dataPaths, "files")], fix: .unsafe("remove it", (path, nil)))
      }
    } else if dataset.datasetName != nil, dataset.doValidation, let share = dataset.valProportion,
      !(share > 0 && share < 1)
    {
      report.error(
        at: Path.dataset.valProportion, "a share of \(share) cannot be held out", help: "above 0 and below 1, or null",
        related: [(Path.dataset.doValidation, "evaluates")])
    }
    guard case .mapping(let arguments)? = dataset.carried(argumentsPath.field) else { return }
    if arguments["max_num_samples"] != nil {
      report.error(
        at: argumentsPath, "`max_num_samples` is not for `dataset_kwargs`", help: "`max_train_samples` says it")
    }
    let preprocessing = FieldPath("dataset", "preprocessing")
    if dataset.isSet(preprocessing.field), let name = semantic.first(where: { arguments[$0] != nil }) {
      report.error(
        at: argumentsPath, "`\(name)` is said by `\(name: preprocessing)`", help: "leave it out",
        related: [(preprocessing, "given as well")])
    }
  }
}
