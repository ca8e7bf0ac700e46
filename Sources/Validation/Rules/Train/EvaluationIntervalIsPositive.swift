import Diagnostics
import LaunchModel
import Releases

/// # EVAL-01: the evaluation interval is at least 1
///
/// ## What
/// `eval_interval` must be a number above 0, even where `eval_iters` is 0.
///
/// ## Why
/// Megatron-Bridge divides the length of the run by it to size the validation data, whether or not anything is
/// evaluated. It passes validation and fails when the data are built.
///
/// ## Example
/// ```yaml
/// validation: {eval_interval: 0, eval_iters: 0}
/// ```
///
/// ## Fix
/// To evaluate nothing, set `eval_iters` to 0 and keep any interval.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `data/loaders.py`, `get_train_valid_test_num_samples`.
enum EvaluationIntervalIsPositive: Rule {
  static let code: DiagnosticCode = "EVAL-01"
  static let title = "the evaluation interval is at least 1"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.until(.bridge031)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let interval = run.config.validation.evalInterval
    guard (interval ?? 0) < 1 else { return }
    let value = run.config.train.trainSteps ?? 1000
    report.error(
      at: Path.validation.evalInterval,
      "`eval_interval` is \(interval.map(String.init) ?? "null"): Megatron divides the length of the run by it, wanted or not",
      help: "`eval_iters: 0` is what switches evaluation off",
      fix: .unsafe("evaluate every \(value) steps", (Path.validation.evalInterval, .int(max(value, 1)))))
  }
}
