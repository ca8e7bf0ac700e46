import Diagnostics
import LaunchModel
import Releases

/// # DATA-18: a finetuning run holds a batch
///
/// ## What
/// Examples of finetuning are drawn as often as `train_samples` says, which must be at least `global_batch_size`.
///
/// ## Why
/// The loader refuses a set that holds less than one global batch.
///
/// ## Example
/// ```yaml
/// train: {train_samples: 100, global_batch_size: 128}
/// dataset: {kind: sft}
/// ```
///
/// ## Fix
/// Train on at least a batch, or take a smaller one. From 0.6.2 on, `dataset.drop_last: false` keeps what does not fill one.
///
/// ## Source
/// - 0.5.1: megatron-bridge 0.5.1 `data/loaders.py`, `build_train_valid_test_data_loaders`.
/// - 0.6.2: megatron-bridge 0.6.2, the same, where `drop_last` is true.
enum FinetuningHoldsABatch: Rule {
  static let code: DiagnosticCode = "DATA-18"
  static let title = "a finetuning run holds a batch"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  /// Where the last batch may be smaller.
  private static let keepsTheRest = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (dataset, train) = (run.config.dataset, run.config.train)
    guard dataset.kind == .sft, dataset.dataloaderType != .external, let samples = train.trainSamples,
      let batch = train.globalBatchSize, samples > 0, samples < batch
    else { return }
    if keepsTheRest.contains(run.release), dataset.carried("drop_last") == .bool(false) { return }
    report.error(
      at: Path.train.trainSamples,
      "\(Help.count(samples, "example")) \(samples == 1 ? "is" : "are") drawn, less than a batch of \(batch)",
      help: "train on at least \(batch), or take a smaller batch",
      related: [(Path.train.globalBatchSize, "\(batch) samples a step")])
  }
}
