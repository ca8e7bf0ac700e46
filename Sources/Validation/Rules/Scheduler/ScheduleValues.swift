import ConfigDocument
import Diagnostics
import LaunchModel

/// # SCHED-06: both ends of the weight decay are given and in order
///
/// ## What
/// `start_weight_decay` and `end_weight_decay` must be numbers, with `0 <= start <= end`.
///
/// ## Why
/// Their defaults are `None`, which the scheduler cannot compare. A weight decay that falls is not supported.
///
/// ## Example
/// ```yaml
/// scheduler: {start_weight_decay: 0.1, end_weight_decay: 0.033}
/// ```
///
/// ## Fix
/// For a constant weight decay write the same number twice.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`; megatron-core 0.16.1
/// `optimizer_param_scheduler.py`.
enum WeightDecayEnds: Rule {
  static let code: DiagnosticCode = "SCHED-06"
  static let title = "both ends of the weight decay are given and in order"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let scheduler = run.config.scheduler
    guard let start = scheduler.startWeightDecay, let end = scheduler.endWeightDecay else {
      let given = scheduler.startWeightDecay ?? scheduler.endWeightDecay ?? run.config.optimizer.weightDecay
      let missing = [
        (Path.scheduler.startWeightDecay, scheduler.startWeightDecay),
        (Path.scheduler.endWeightDecay, scheduler.endWeightDecay),
      ].filter { $0.1 == nil }.map(\.0)
      report.error(
        at: missing[0],
        missing.map { "`\($0.field)`" }.joined(separator: " and ")
          + " \(missing.count == 1 ? "is" : "are") not given; Megatron has no default for the weight decay",
        help: "\(given) for a constant weight decay",
        related: missing.dropFirst().map { ($0, "not given either") } + [
          (Path.optimizer.weightDecay, "\(run.config.optimizer.weightDecay), which the scheduler replaces")
        ],
        fix: FieldFix(
          title: "make it \(given)", applicability: .unsafe, changes: missing.map { (path: $0, value: .float(given)) }))
      return
    }
    guard start < 0 || end < start else { return }
    if start < 0 {
      report.error(at: Path.scheduler.startWeightDecay, "the weight decay starts at \(start), below 0")
    } else {
      report.error(
        at: Path.scheduler.endWeightDecay,
        "the weight decay would fall from \(start) to \(end); it can only rise or stay",
        related: [(Path.scheduler.startWeightDecay, "\(start)")],
        fix: .unsafe("keep it at \(start)", (Path.scheduler.endWeightDecay, .float(start))))
    }
  }
}

/// # SCHED-07: a constant weight decay ends where it starts
///
/// ## What
/// `weight_decay_incr_style: constant` needs `start_weight_decay` and `end_weight_decay` to be equal.
///
/// ## Why
/// Megatron asserts it when the scheduler is built, with the model in memory.
///
/// ## Example
/// ```yaml
/// scheduler: {start_weight_decay: 0.033, end_weight_decay: 0.1, weight_decay_incr_style: constant}
/// ```
///
/// ## Fix
/// Make them equal, or say `linear` or `cosine`.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer_param_scheduler.py`, `get_wd`.
enum ConstantWeightDecay: Rule {
  static let code: DiagnosticCode = "SCHED-07"
  static let title = "a constant weight decay ends where it starts"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let scheduler = run.config.scheduler
    guard let start = scheduler.startWeightDecay, let end = scheduler.endWeightDecay, start < end, start >= 0,
      scheduler.weightDecayIncrStyle == .constant
    else { return }
    report.error(
      at: Path.scheduler.weightDecayIncrStyle,
      "the weight decay is constant, but starts at \(start) and ends at \(end)",
      help: "`linear` or `cosine`, or one value for both",
      related: [(Path.scheduler.startWeightDecay, "\(start)"), (Path.scheduler.endWeightDecay, "\(end)")],
      fix: .unsafe("let it rise linearly", (Path.scheduler.weightDecayIncrStyle, .string("linear"))))
  }
}

/// # SCHED-08: WSD says how long its last phase is
///
/// ## What
/// `lr_decay_style: WSD` needs `lr_wsd_decay_iters`, or `lr_wsd_decay_samples` where the run is counted in samples.
///
/// ## Why
/// Warm-up, stable, decay: only the last phase's length says where the second ends.
///
/// ## Example
/// ```yaml
/// scheduler: {lr_decay_style: WSD}
/// ```
///
/// ## Fix
/// A tenth of the run is usual.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.__init__`.
enum AnnealingHasLength: Rule {
  static let code: DiagnosticCode = "SCHED-08"
  static let title = "WSD says how long its last phase is"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.scheduler.lrDecayStyle == .warmupStableDecay, let steps = run.schedule,
      steps.annealing == nil
    else { return }
    let inSamples = run.config.train.trainSamples != nil
    let (path, other) =
      inSamples
      ? (Path.scheduler.lrWSDDecaySamples, Path.scheduler.lrWSDDecayIters)
      : (Path.scheduler.lrWSDDecayIters, Path.scheduler.lrWSDDecaySamples)
    let isOther = (inSamples ? run.config.scheduler.lrWSDDecayIters : run.config.scheduler.lrWSDDecaySamples) != nil
    let tenth = max((inSamples ? steps.decay : run.config.train.trainIters ?? 10) / 10, 1)
    report.error(
      at: path, "`WSD` needs `\(path.field)`: the length of its last phase",
      help: isOther
        ? "the run is counted in \(inSamples ? "samples" : "steps"), so `\(other.field)` is not looked at"
        : "a tenth of the run would be \(tenth)",
      related: [(Path.scheduler.lrDecayStyle, "WSD")] + (isOther ? [(other, "the other unit")] : []),
      fix: isOther ? nil : .unsafe("make it \(tenth)", (path, .int(tenth))))
  }
}

/// # SCHED-10: the warm-up rises
///
/// ## What
/// `lr_warmup_init` must not be above `lr`.
///
/// ## Why
/// Megatron asserts it when the scheduler is built.
///
/// ## Example
/// ```yaml
/// optimizer: {lr: 3.0e-4}
/// scheduler: {lr_warmup_init: 1.0e-3}
/// ```
///
/// ## Fix
/// 0 is usual.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.__init__`.
enum WarmupRises: Rule {
  static let code: DiagnosticCode = "SCHED-10"
  static let title = "the warm-up rises"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let start = run.config.scheduler.lrWarmupInit
    guard start > 0, let peak = run.config.optimizer.lr, start > peak, peak >= 0 else { return }
    report.error(
      at: Path.scheduler.lrWarmupInit, "the warm-up starts at \(start), above the learning rate of \(peak)",
      help: "at most \(peak)", related: [(Path.optimizer.lr, "\(peak)")],
      fix: .unsafe("start at 0", (Path.scheduler.lrWarmupInit, .float(0))))
  }
}

/// # SCHED-11: on resuming, one schedule wins
///
/// ## What
/// `override_opt_param_scheduler` (this file's schedule wins) and `use_checkpoint_opt_param_scheduler` (the checkpoint's
/// wins) exclude each other. With neither, resuming needs both to be the same.
///
/// ## Why
/// Megatron asserts it at start-up.
///
/// ## Example
/// ```yaml
/// extends: moonlight_16b_pretrain_config   # override_opt_param_scheduler: true
/// scheduler: {use_checkpoint_opt_param_scheduler: true}
/// ```
///
/// ## Fix
/// Switch one off.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`.
enum OneScheduleWins: Rule {
  static let code: DiagnosticCode = "SCHED-11"
  static let title = "on resuming, one schedule wins"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let scheduler = run.config.scheduler
    guard scheduler.useCheckpointOptParamScheduler, scheduler.overrideOptParamScheduler else { return }
    report.error(
      at: Path.scheduler.useCheckpointOptParamScheduler,
      "on resuming, both the checkpoint's schedule and this file's are to win",
      related: [(Path.scheduler.overrideOptParamScheduler, "this file's")],
      fix: .unsafe(
        "let the checkpoint's win", (Path.scheduler.overrideOptParamScheduler, .bool(false))))
  }
}
