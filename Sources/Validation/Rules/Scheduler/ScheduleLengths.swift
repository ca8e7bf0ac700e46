import ConfigDocument
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
/// megatron-bridge 0.3.1 `training/config.py`, `_calculate_scheduler_steps`.
enum WarmupEndsBeforeDecay: Rule {
  static let code: DiagnosticCode = "SCHED-05"
  static let title = "the warm-up ends before the decay"

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
        related: [(decayPath, Help.count(decay, noun))],
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

/// # SCHED-12: the decay is as long as the run
///
/// ## What
/// `lr_decay_iters` differs from `train_iters` (or the two in samples).
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
/// megatron-bridge 0.3.1 `training/config.py`, `_calculate_scheduler_steps`.
enum DecayIsAsLongAsRun: Rule {
  static let code: DiagnosticCode = "SCHED-12"
  static let title = "the decay is as long as the run"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (train, scheduler) = (run.config.train, run.config.scheduler)
    guard scheduler.lrDecayStyle != .constant, scheduler.lrDecayStyle != .inverseSquareRoot else { return }
    let (length, decay, noun): (Int, Int, String)
    let (lengthPath, decayPath): (FieldPath, FieldPath)
    switch (train.trainIters, train.trainSamples) {
    case (let iterations?, nil):
      guard let written = scheduler.lrDecayIters, written != iterations else { return }
      (length, decay, noun) = (iterations, written, "steps")
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
      help: "without `\(decayPath.field)` the decay is as long as the run",
      related: [(lengthPath, "\(length) \(noun)")],
      fix: .unsafe("decay over the whole run", (decayPath, .int(length))))
  }
}

/// # SCHED-01: a ramp-up shortens what the schedule sees
///
/// ## What
/// Megatron counts schedules in samples, each step as one full `global_batch_size`. The steps of a ramp-up take fewer, so
/// the run ends before the schedule does.
///
/// ## Why
/// The learning rate of the last step is above `min_lr`.
///
/// ## Example
/// ```yaml
/// train: {train_iters: 1000, global_batch_size: 2048, rampup_batch_size: [256, 256, 1000000]}
/// ```
///
/// ## Fix
/// More steps, or a shorter decay.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `_calculate_scheduler_steps`; `training/train.py`.
enum RampUpOutlastsSchedule: Rule {
  static let code: DiagnosticCode = "SCHED-01"
  static let title = "a ramp-up shortens what the schedule sees"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let ramp = run.rampUp, let steps = run.schedule, let length = run.config.train.trainIters
    else { return }
    let seen = ramp.samples(inSteps: length)
    guard seen < steps.decay, run.config.scheduler.lrDecayStyle != .constant else { return }
    report.note(
      at: Path.train.rampupBatchSize,
      """
      the schedule is \(steps.decay) samples long, every step counted as \(ramp.target); with the ramp-up \(length) steps \
      take \(seen), so the last step's learning rate is above `min_lr`
      """,
      related: [(Path.train.trainIters, "\(length) steps"), (Path.train.globalBatchSize, "\(ramp.target)")])
  }
}
