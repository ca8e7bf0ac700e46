import Diagnostics
import LaunchModel

/// # DATA-14: what is read is there
///
/// ## What
/// The files that `data_paths`, `valid_data_paths` and `tokenizer_model` name must be there and readable: of indexed data
/// the `.idx` and the `.bin`, of a folder of examples its `training.jsonl`.
///
/// ## Why
/// Nothing can be trained otherwise. `moonlight validate` looks at no data, which may be on another machine; the trainer
/// does, before it starts.
///
/// ## Example
/// ```yaml
/// dataset: {data_paths: [no.jsonl]}
/// ```
///
/// ## Fix
/// Write the path as it is from the directory in which the trainer is started, or from the root.
///
/// ## Source
/// This package: the trainer reads these files.
enum InputsAreThere: Rule {
  static let code: DiagnosticCode = "DATA-14"
  static let title = "what is read is there"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    for input in run.start?.missingInputs ?? [] {
      report.error(
        at: input.path, input.message,
        help: "a path that does not begin with `/` begins where the trainer is started")
    }
  }
}
