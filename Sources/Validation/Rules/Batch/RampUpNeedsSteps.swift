import Diagnostics
import LaunchModel

/// # BATCH-07: a ramp-up needs a run counted in steps
///
/// ## What
/// `rampup_batch_size` excludes `train_samples`.
///
/// ## Why
/// Megatron-Bridge turns `train_samples` into steps by dividing by the global batch, which is not constant then.
///
/// ## Example
/// ```yaml
/// train: {train_samples: 1000000, rampup_batch_size: [256, 256, 100000]}
/// ```
///
/// ## Fix
/// Give `train_iters` instead.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `TrainingConfig.finalize`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum RampUpNeedsSteps: Rule {
  static let code: DiagnosticCode = "BATCH-07"
  static let title = "a ramp-up needs a run counted in steps"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    guard train.rampupBatchSize != nil, let samples = train.trainSamples, train.trainIters == nil else { return }
    report.error(
      at: Path.train.rampupBatchSize,
      "a ramp-up needs `train_iters`; the length of this run is given as \(samples) samples",
      related: [(Path.train.trainSamples, "counted in samples")])
  }
}
