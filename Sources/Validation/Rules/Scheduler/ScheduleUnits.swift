import ConfigDocument
import Diagnostics
import LaunchModel

/// # SCHED-02: a schedule is counted in steps or in samples
///
/// ## What
/// The fields of one unit (`lr_decay_iters`, `lr_warmup_iters`, `lr_wsd_decay_iters`) and of the other (`lr_decay_samples`,
/// `lr_warmup_samples`, `lr_wsd_decay_samples`) exclude each other.
///
/// ## Why
/// Megatron-Bridge computes all lengths in the unit of the run, and refuses a mixture.
///
/// ## Example
/// ```yaml
/// scheduler: {lr_decay_iters: 500000, lr_warmup_samples: 100000}
/// ```
///
/// ## Fix
/// Use the unit in which the length of the run is given.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`.
enum ScheduleHasOneUnit: Rule {
  static let code: DiagnosticCode = "SCHED-02"
  static let title = "a schedule is counted in steps or in samples"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let scheduler = run.config.scheduler
    guard scheduler.lrDecaySamples != nil || scheduler.lrWarmupSamples != 0 || scheduler.lrWSDDecaySamples != nil,
      scheduler.lrDecayIters != nil || scheduler.lrWarmupIters != 0 || scheduler.lrWSDDecayIters != nil
    else { return }
    let (steps, samples) = (ScheduleFields.inSteps(scheduler), ScheduleFields.inSamples(scheduler))
    let runIsInSamples = run.config.train.trainSamples != nil && run.config.train.trainIters == nil
    let (wrong, right) = runIsInSamples ? (steps, samples) : (samples, steps)
    guard let first = wrong.first else { return }
    report.error(
      at: first.path,
      "`\(first.path.field)` counts \(runIsInSamples ? "steps" : "samples"), but "
        + right.map { "`\($0.path.field)`" }.joined(separator: " and ")
        + " \(right.count == 1 ? "counts" : "count") \(runIsInSamples ? "samples" : "steps")",
      help: "the run is counted in \(runIsInSamples ? "samples" : "steps")",
      related: wrong.dropFirst().map { ($0.path, "as well") } + right.map { ($0.path, "\($0.value)") })
  }
}

/// # SCHED-04: the schedule is counted like the run
///
/// ## What
/// With `train_samples` the schedule is given in samples, with `train_iters` in steps.
///
/// ## Why
/// Megatron-Bridge refuses the other unit rather than convert it.
///
/// ## Example
/// ```yaml
/// train: {train_samples: 1000000}
/// scheduler: {lr_warmup_iters: 2000}
/// ```
///
/// ## Fix
/// Multiply steps by the global batch.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `_validate_training_scheduler_compatibility`.
enum ScheduleIsCountedLikeRun: Rule {
  static let code: DiagnosticCode = "SCHED-04"
  static let title = "the schedule is counted like the run"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (train, scheduler) = (run.config.train, run.config.scheduler)
    let inSamples: Bool
    switch (train.trainIters, train.trainSamples) {
    case (_?, nil): inSamples = false
    case (nil, _?): inSamples = true
    default: return
    }
    // The annealing of WSD is not compared here: in the wrong unit it is not found, which SCHED-08 says.
    if inSamples {
      guard scheduler.lrDecayIters != nil || scheduler.lrWarmupIters != 0 else { return }
    } else {
      guard scheduler.lrDecaySamples != nil || scheduler.lrWarmupSamples != 0 else { return }
    }
    let (steps, samples) = (ScheduleFields.inSteps(scheduler), ScheduleFields.inSamples(scheduler))
    guard steps.isEmpty || samples.isEmpty else { return }  // SCHED-02 speaks of a mixture.
    let wrong = (inSamples ? steps : samples).filter { $0.other != nil }
    guard let first = wrong.first, let batch = train.globalBatchSize, batch > 0 else { return }
    var changes: [(path: FieldPath, value: ConfigValue?)] = []
    for field in wrong {
      guard let other = field.other else { continue }
      let (product, overflow) = field.value.multipliedReportingOverflow(by: batch)
      let value = inSamples ? (overflow ? nil : product) : field.value % batch == 0 ? field.value / batch : nil
      changes.append((path: field.path, value: field.resets))
      changes.append((path: other, value: value.map { .int($0) }))
    }
    let isExact = changes.allSatisfy { $0.value != nil }
    report.error(
      at: first.path,
      "the run is counted in \(inSamples ? "samples" : "steps"), but `\(first.path.field)` in \(inSamples ? "steps" : "samples")",
      help: inSamples
        ? "\(first.value) steps x \(batch) a step = \(first.value.multipliedReportingOverflow(by: batch).partialValue) samples"
        : "\(first.value) samples / \(batch) a step = \(Help.quotient(first.value, batch)) steps",
      related: wrong.dropFirst().map { ($0.path, "as well") } + [
        (inSamples ? Path.train.trainSamples : Path.train.trainIters, "the length of the run"),
        (Path.train.globalBatchSize, "\(batch) samples a step"),
      ],
      fix: isExact
        ? FieldFix(title: "count it in \(inSamples ? "samples" : "steps")", applicability: .unsafe, changes: changes)
        : nil)
  }
}

/// # SCHED-03: the warm-up is given once
///
/// ## What
/// `lr_warmup_fraction` excludes a non-zero `lr_warmup_iters` or `lr_warmup_samples`.
///
/// ## Why
/// Each says how long the warm-up is.
///
/// ## Example
/// ```yaml
/// extends: moonlight_16b_pretrain_config   # lr_warmup_iters: 2000
/// scheduler: {lr_warmup_fraction: 0.01}
/// ```
///
/// ## Fix
/// Set the other to 0.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`.
enum WarmupIsGivenOnce: Rule {
  static let code: DiagnosticCode = "SCHED-03"
  static let title = "the warm-up is given once"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let scheduler = run.config.scheduler
    guard let fraction = scheduler.lrWarmupFraction, scheduler.lrWarmupIters != 0 || scheduler.lrWarmupSamples != 0
    else { return }
    let inSteps = scheduler.lrWarmupIters != 0
    let other = inSteps ? Path.scheduler.lrWarmupIters : Path.scheduler.lrWarmupSamples
    report.error(
      at: Path.scheduler.lrWarmupFraction,
      "the warm-up is given as a share (\(fraction)) and as \(inSteps ? "\(scheduler.lrWarmupIters) steps" : "\(scheduler.lrWarmupSamples) samples")",
      related: [(other, "the other")], fix: .unsafe("keep the share", (other, .int(0))))
  }
}

/// The schedule's lengths by unit, as far as they are given.
enum ScheduleFields {
  struct Length {
    let path: FieldPath
    let value: Int
    /// The field of the other unit; `nil` where Megatron does not compare them.
    let other: FieldPath?
    /// What the field holds when it says nothing.
    let resets: ConfigValue
  }

  static func inSteps(_ scheduler: Section<SchedulerFields>) -> [Length] {
    var result: [Length] = []
    if let value = scheduler.lrDecayIters {
      result.append(
        Length(path: Path.scheduler.lrDecayIters, value: value, other: Path.scheduler.lrDecaySamples, resets: .null))
    }
    if scheduler.lrWarmupIters != 0 {
      result.append(
        Length(
          path: Path.scheduler.lrWarmupIters, value: scheduler.lrWarmupIters, other: Path.scheduler.lrWarmupSamples,
          resets: 0))
    }
    if let value = scheduler.lrWSDDecayIters {
      result.append(Length(path: Path.scheduler.lrWSDDecayIters, value: value, other: nil, resets: .null))
    }
    return result
  }

  static func inSamples(_ scheduler: Section<SchedulerFields>) -> [Length] {
    var result: [Length] = []
    if let value = scheduler.lrDecaySamples {
      result.append(
        Length(path: Path.scheduler.lrDecaySamples, value: value, other: Path.scheduler.lrDecayIters, resets: .null))
    }
    if scheduler.lrWarmupSamples != 0 {
      result.append(
        Length(
          path: Path.scheduler.lrWarmupSamples, value: scheduler.lrWarmupSamples, other: Path.scheduler.lrWarmupIters,
          resets: 0))
    }
    if let value = scheduler.lrWSDDecaySamples {
      result.append(Length(path: Path.scheduler.lrWSDDecaySamples, value: value, other: nil, resets: .null))
    }
    return result
  }
}
