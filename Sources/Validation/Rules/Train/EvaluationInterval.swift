import Diagnostics
import LaunchModel

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
/// megatron-bridge 0.3.1 `data/loaders.py`, `get_train_valid_test_num_samples`.
enum EvaluationIntervalIsPositive: Rule {
  static let code: DiagnosticCode = "EVAL-01"
  static let title = "the evaluation interval is at least 1"

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

/// # EVAL-02: nothing is evaluated while the run goes on
///
/// ## What
/// `eval_interval` is longer than the run, so the only evaluation is the one at its end.
///
/// ## Why
/// The interval of a long run stays behind when the run is shortened, and the curve one waits for never comes.
///
/// ## Example
/// ```yaml
/// train: {train_iters: 500}
/// validation: {eval_interval: 2000, eval_iters: 32}
/// ```
///
/// ## Fix
/// Shorten the interval.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/train.py`.
enum EvaluationComesTooLate: Rule {
  static let code: DiagnosticCode = "EVAL-02"
  static let title = "nothing is evaluated while the run goes on"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let interval = run.config.validation.evalInterval, let steps = run.config.train.trainSteps, interval > steps,
      run.config.validation.evalIters > 0
    else { return }
    report.note(
      at: Path.validation.evalInterval,
      "the first evaluation would be after step \(interval), but the run has \(steps): only its end is evaluated",
      related: [(Path.train.trainIters, "\(steps) steps")])
  }
}
