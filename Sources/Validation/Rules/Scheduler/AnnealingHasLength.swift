import Diagnostics
import LaunchModel

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
/// - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.__init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum AnnealingHasLength: Rule {
  static let code: DiagnosticCode = "SCHED-08"
  static let title = "WSD says how long its last phase is"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.scheduler.lrDecayStyle == .warmupStableDecay, let steps = run.schedule,
      steps.annealing == nil
    else { return }
    let inSamples = run.config.train.trainSamples != nil
    guard inSamples || !run.release.annealsThroughoutByDefault else { return }
    let (path, other) =
      inSamples
      ? (Path.scheduler.lrWSDDecaySamples, Path.scheduler.lrWSDDecayIters)
      : (Path.scheduler.lrWSDDecayIters, Path.scheduler.lrWSDDecaySamples)
    let isOther = (inSamples ? run.config.scheduler.lrWSDDecayIters : run.config.scheduler.lrWSDDecaySamples) != nil
    let otherRelated: [RelatedField] = isOther ? [(other, "the other unit" as Message)] : []
    let tenth = max((inSamples ? steps.decay : run.config.train.trainIters ?? 10) / 10, 1)
    report.error(
      at: path, "`WSD` needs `\(name: path)`: the length of its last phase",
      help: isOther
        ? "the run is counted in \(inSamples ? "samples" : "steps"), so `\(name: other)` is not looked at"
        : "a tenth of the run would be \(tenth)",
      related: [(Path.scheduler.lrDecayStyle, "WSD")] + otherRelated,
      fix: isOther ? nil : .unsafe("make it \(tenth)", (path, .int(tenth))))
  }
}
