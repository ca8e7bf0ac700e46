import Diagnostics
import LaunchModel
import Releases

/// # DIM-15: muP has a base width
///
/// ## What
/// With `use_mup`, `mup_base_hidden_size` is above 0 or null, which means `hidden_size`.
///
/// ## Why
/// Learning rates and initial weights are scaled by `hidden_size / mup_base_hidden_size`.
///
/// ## Example
/// ```yaml
/// model: {use_mup: true, mup_base_hidden_size: 0}
/// ```
///
/// ## Fix
/// The width of the model that the rates were found with.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MaximalUpdateWidth: Rule {
  static let code: DiagnosticCode = "DIM-15"
  static let title = "muP has a base width"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let path = FieldPath("model", "mup_base_hidden_size")
    guard !model.storage.carried.isEmpty, model.isOn("use_mup"), let width = model.integer(path.field), width < 1 else {
      return
    }
    report.error(
      at: path, "muP scales by the width \(model.hiddenSize) over the base's, which is \(width)",
      help: "null takes the model's own", related: [(FieldPath("model", "use_mup"), "on")],
      fix: .unsafe("take the model's own", (path, nil)))
  }
}
