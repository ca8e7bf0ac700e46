import Diagnostics
import LaunchModel

/// # SEQ-03: the dataset's sequences are as long as the model's
///
/// ## What
/// `dataset.seq_length` must equal `model.seq_length`. Where it is not written, it is taken from there.
///
/// ## Why
/// The pipeline's buffers have the model's length, the samples the dataset's.
///
/// ## Example
/// ```yaml
/// model: {seq_length: 8192}
/// dataset: {seq_length: 4096}
/// ```
///
/// ## Fix
/// Remove `dataset.seq_length`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum DatasetLengthIsModelLength: Rule {
  static let code: DiagnosticCode = "SEQ-03"
  static let title = "the dataset's sequences are as long as the model's"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model.seqLength
    guard let dataset = run.config.dataset.seqLength, dataset != model else { return }
    report.error(
      at: Path.dataset.seqLength, "\(Path.dataset.seqLength) is \(dataset), but \(Path.model.seqLength) is \(model)",
      help: "remove \(Path.dataset.seqLength): it is then taken from the model",
      related: [(Path.model.seqLength, "\(model)")],
      fix: .unsafe("make it \(model)", (Path.dataset.seqLength, .int(model))))
  }
}
