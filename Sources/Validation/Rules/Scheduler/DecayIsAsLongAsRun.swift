import Diagnostics
import LaunchModel

/// # SCHED-12: the decay is as long as the run
///
/// ## What
/// `lr_decay_iters` differs from `train_iters` (or the two in samples). With a ramp-up the run counts as many steps as it
/// takes whole batches; a decay beyond these is SCHED-01's.
///
/// ## Why
/// With a longer decay the run ends before the learning rate is at `min_lr`; with a shorter one it trains on at `min_lr`.
/// Both can be meant, but usually one of the two was changed and the other forgotten.
///
/// ## Example
/// ```yaml
/// train: {train_iters: 100000}
/// scheduler: {lr_decay_iters: 500000}
/// ```
///
/// ## Fix
/// Leave `lr_decay_iters` out: it is derived from the run.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_calculate_scheduler_steps`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
enum DecayIsAsLongAsRun: Rule {
  static let code: DiagnosticCode = "SCHED-12"
  static let title = "the decay is as long as the run"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (train, scheduler) = (run.config.train, run.config.scheduler)
    guard !scheduler.isSet("max_steps"), scheduler.lrDecayStyle != .constant,
      scheduler.lrDecayStyle != .inverseSquareRoot
    else { return }
    let (length, decay, noun): (Int, Int, String)
    let (lengthPath, decayPath): (FieldPath, FieldPath)
    switch (train.trainIters, train.trainSamples) {
    case (let iterations?, nil):
      // The decay counts every step as a whole batch. One that a ramp-up does not reach the end of is SCHED-01's.
      let batches = run.rampUp.map { $0.samples(inSteps: iterations) / $0.target }
      guard let written = scheduler.lrDecayIters, written != batches ?? iterations, written <= batches ?? written else {
        return
      }
      (length, decay, noun) = (batches ?? iterations, written, batches == nil ? "steps" : "whole batches")
      (lengthPath, decayPath) = (Path.train.trainIters, Path.scheduler.lrDecayIters)
    case (nil, let samples?):
      guard let written = scheduler.lrDecaySamples, written != samples, written > 0 else { return }
      (length, decay, noun) = (samples, written, "samples")
      (lengthPath, decayPath) = (Path.train.trainSamples, Path.scheduler.lrDecaySamples)
    default: return
    }
    report.warning(
      at: decayPath,
      decay > length
        ? "the learning rate decays over \(decay) \(noun), but the run ends after \(length), before it is at `min_lr`"
        : "the learning rate is at `min_lr` after \(decay) \(noun); the run has \(length)",
      help: run.rampUp == nil
        ? "without `\(name: decayPath)` the decay is as long as the run"
        : "`\(name: decayPath): \(length)` is as long as the run",
      related: [(lengthPath, "\(length) \(noun)")],
      fix: .unsafe("decay over the whole run", (decayPath, .int(length))))
  }
}
