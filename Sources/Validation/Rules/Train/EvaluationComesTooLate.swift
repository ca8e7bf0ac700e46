import Diagnostics
import LaunchModel

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
/// - 0.3.1: megatron-bridge 0.3.1 `training/train.py`.
/// - 0.5.1: megatron-bridge 0.5.1 `training/train.py`, which reads `validation.eval_interval`.
/// - 0.6.2: megatron-bridge 0.6.2 `training/train.py`, which reads `validation.eval_interval`.
enum EvaluationComesTooLate: Rule {
  static let code: DiagnosticCode = "EVAL-02"
  static let title = "nothing is evaluated while the run goes on"
  static let errorsDependOn: PlanAspects = []

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
