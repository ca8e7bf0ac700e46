import Diagnostics
import LaunchModel
import Releases

/// # BATCH-09: a ramp-up is passed over
///
/// ## What
/// `rampup_batch_size` is accepted, and every step has `global_batch_size` sequences from the first on.
///
/// ## Why
/// The run is another than the one written: the same learning rate meets a larger batch while the model is young, and
/// `train_iters` steps take more samples than a ramp-up would.
///
/// ## Example
/// ```yaml
/// train: {global_batch_size: 2048, rampup_batch_size: [256, 256, 100000]}   # 2048 from the first step
/// ```
///
/// ## Fix
/// Remove it. To begin with smaller batches, train in two runs: the second resumes from the first with the larger batch.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2, `num_microbatches_calculator.py`, `_build_num_microbatches_calculator`,
///   which warns.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum RampUpIsIgnored: Rule {
  static let code: DiagnosticCode = "BATCH-09"
  static let title = "a ramp-up is passed over"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.where { $0.rampUp == .ignored }

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    guard let values = train.rampupBatchSize, let global = train.globalBatchSize else { return }
    let start = values.first.map { ", not \($0)" } ?? ""
    report.warning(
      at: Path.train.rampupBatchSize,
      """
      Megatron-Core \(run.release.megatronCore) passes over the ramp-up: the first step already has \(global) \
      sequences\(start)
      """,
      help: "remove it; a run that resumes may have another global batch",
      related: [(Path.train.globalBatchSize, "the batch of every step")],
      fix: .unsafe("remove the ramp-up", (Path.train.rampupBatchSize, .null)))
  }
}
