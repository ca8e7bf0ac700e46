import Diagnostics
import LaunchModel

/// # SCHED-01: a ramp-up shortens what the schedule sees
///
/// ## What
/// Megatron counts schedules in samples, each step as one full `global_batch_size`. The steps of a ramp-up take fewer, so
/// the run ends before the schedule does.
///
/// ## Why
/// The learning rate of the last step is above `min_lr`; of a WSD schedule a part of the last phase is missing.
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
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_calculate_scheduler_steps`; `training/train.py`.
enum RampUpOutlastsSchedule: Rule {
  static let code: DiagnosticCode = "SCHED-01"
  static let title = "a ramp-up shortens what the schedule sees"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let ramp = run.rampUp, run.release.rampUp == .applied, let steps = run.schedule,
      let length = run.config.train.trainIters
    else { return }
    let scheduler = run.config.scheduler
    let style = scheduler.lrDecayStyle
    // The other two do not fall to `min_lr` at the end of the decay.
    guard style == .cosine || style == .linear || style == .warmupStableDecay else { return }
    let seen = ramp.samples(inSteps: length)
    guard seen < steps.decay else { return }
    let end = style == .warmupStableDecay ? wsdEnd(seen, steps) : plainEnd(seen, steps, run)
    // Steps of the decay that the run gets to the end of, and steps of the run that get to the end of the decay.
    let (fitting, whole) = (seen / ramp.target, steps.decay / ramp.target)
    let longer = fewestSteps(ramp, taking: steps.decay, moreThan: length)
    // Left alone it grows with the run.
    let isOpen = !scheduler.isWritten(\.lrDecayIters)
    let longerRun = "`train_iters: \(longer)`\(isOpen ? " and `lr_decay_iters: \(whole)`" : "")"
    report.warning(
      at: Path.train.rampupBatchSize,
      """
      the schedule is \(steps.decay) samples long, every step counted as \(ramp.target); with the ramp-up \(length) steps \
      take \(seen): \(end)
      """,
      help: "they end together with \(longerRun)\(fitting > 0 ? ", or with `lr_decay_iters: \(fitting)`" : "")",
      related: [(Path.train.trainIters, "\(length) steps"), (Path.train.globalBatchSize, "\(ramp.target)")],
      fix: fitting > 0
        ? .unsafe("end the decay with the run", (Path.scheduler.lrDecayIters, .int(fitting)))
        : .unsafe(
          "end the run with the decay", (Path.train.trainIters, .int(longer)),
          (Path.scheduler.lrDecayIters, .int(whole))))
  }

  /// How many steps take so many samples.
  private static func fewestSteps(_ ramp: BatchRampUp, taking samples: Int, moreThan length: Int) -> Int {
    // No step takes fewer than the first.
    var (tooFew, enough) = (length, max(length, samples / ramp.start) + 1)
    while enough - tooFew > 1 {
      let middle = tooFew + (enough - tooFew) / 2
      if ramp.samples(inSteps: middle) < samples { tooFew = middle } else { enough = middle }
    }
    return enough
  }

  private static func wsdEnd(_ seen: Int, _ steps: ScheduleSteps) -> String {
    guard let annealing = steps.annealing, annealing > 0 else { return "the last phase is cut off" }
    let start = steps.decay - annealing
    guard seen > start else { return "the run ends before its WSD phase begins" }
    return "the run ends when \(percent(Double(seen - start) / Double(annealing))) of the WSD phase is done"
  }

  private static func plainEnd(_ seen: Int, _ steps: ScheduleSteps, _ run: RunFacts) -> String {
    let optimizer = run.config.optimizer
    guard let peak = optimizer.lr, let left = steps.shareOfPeak(after: seen, run.config.scheduler.lrDecayStyle) else {
      return "the run ends before the learning rate is at `min_lr`"
    }
    let least = optimizer.minLR ?? 0
    return """
      the run ends at \(percent(Double(seen) / Double(steps.decay))) of the schedule, where the learning rate is \
      \((least + (peak - least) * left).threeDigits) and not \(least.threeDigits)
      """
  }

  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}

extension Double {
  /// With three digits, as far as a double goes: `3.21e-05`.
  fileprivate var threeDigits: String {
    guard isFinite, self > 0 else { return "\(self)" }
    var (scaled, unit) = (self, 1.0)
    while scaled < 100, unit < 1e15 { (scaled, unit) = (scaled * 10, unit * 10) }
    return "\(scaled.rounded() / unit)"
  }
}
