import Diagnostics
import LaunchModel

/// # SCHED-05: the warm-up ends before the decay
///
/// ## What
/// The warm-up must be shorter than the decay, and the decay longer than 0. A longer warm-up is cut to one sample less
/// than the decay.
///
/// ## Why
/// A warm-up made for a long run stays behind when the run is shortened. The run then does nothing but warm up, and
/// never sees its decay. Releases before 0.3 refused it.
///
/// ## Example
/// ```yaml
/// train: {train_iters: 20}
/// scheduler: {lr_warmup_iters: 50}
/// ```
///
/// ## Fix
/// Shorten the warm-up with the run; a hundredth to a tenth of it is usual.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_calculate_scheduler_steps`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum WarmupEndsBeforeDecay: Rule {
  static let code: DiagnosticCode = "SCHED-05"
  static let title = "the warm-up ends before the decay"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let steps = run.schedule, steps.samplesPerStep > 0 else { return }
    let (train, scheduler) = (run.config.train, run.config.scheduler)
    let inSamples = train.trainSamples != nil
    let decayPath =
      inSamples
      ? (scheduler.lrDecaySamples == nil ? Path.train.trainSamples : Path.scheduler.lrDecaySamples)
      : scheduler.isWritten(\.lrDecayIters) ? Path.scheduler.lrDecayIters : Path.train.trainIters
    guard steps.decay > 0 else {
      // A run of no samples is told so by TRAIN-01.
      guard inSamples, scheduler.lrDecaySamples != nil, train.trainSamples != 0 else { return }
      report.error(at: decayPath, "the learning rate decays over 0 samples; it must be at least 1")
      return
    }
    let warmupPath =
      scheduler.lrWarmupFraction != nil
      ? Path.scheduler.lrWarmupFraction : inSamples ? Path.scheduler.lrWarmupSamples : Path.scheduler.lrWarmupIters
    if steps.isWarmupCapped {
      let unit = inSamples ? 1 : steps.samplesPerStep
      let (warmup, decay) = (Int(min(steps.writtenWarmup, 9e18)) / unit, steps.decay / unit)
      let noun = inSamples ? "sample" : "step"
      let tenth = max(decay / 10, 0)
      report.warning(
        at: warmupPath,
        """
        the warm-up of \(Help.count(warmup, noun)) is not shorter than the decay of \(decay); Megatron-Bridge cuts it to one sample \
        less, so all of the run is warm-up
        """,
        help: "shorter than \(Help.count(decay, noun)); a tenth would be \(tenth)",
        related: [(decayPath, "\(Help.count(decay, noun))")],
        fix: scheduler.lrWarmupFraction == nil
          ? .unsafe("make it \(tenth)", (warmupPath, .int(tenth))) : .unsafe("make it 0.1", (warmupPath, .float(0.1))))
    } else if !inSamples, let iterations = train.trainIters, scheduler.lrWarmupIters >= iterations {
      report.warning(
        at: warmupPath, "the run ends after \(iterations) steps, within its warm-up of \(scheduler.lrWarmupIters)",
        help: "the decay is set to \(scheduler.lrDecayIters ?? iterations) steps",
        related: [
          (Path.train.trainIters, "\(iterations) steps"), (decayPath, "\(scheduler.lrDecayIters ?? iterations) steps"),
        ])
    }
  }
}
