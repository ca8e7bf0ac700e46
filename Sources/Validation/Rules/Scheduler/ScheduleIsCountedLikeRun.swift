import ConfigDocument
import Diagnostics
import LaunchModel

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
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_validate_training_scheduler_compatibility`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum ScheduleIsCountedLikeRun: Rule {
  static let code: DiagnosticCode = "SCHED-04"
  static let title = "the schedule is counted like the run"
  static let errorsDependOn: PlanAspects = []

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
      "the run is counted in \(inSamples ? "samples" : "steps"), but `\(name: first.path)` in \(inSamples ? "steps" : "samples")",
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
