import Diagnostics
import LaunchModel
import Releases

/// # TRAIN-07: epochs are of examples
///
/// ## What
/// `train.num_epochs` is above 0, goes with `dataset.kind: sft` and `dataloader_type: batch`, and excludes
/// `rampup_batch_size`.
///
/// ## Why
/// Only a dataset of examples has a size of its own, from which the steps follow once it is built.
///
/// ## Example
/// ```yaml
/// train: {num_epochs: 2, train_iters: null}
/// dataset: {kind: indexed}
/// ```
///
/// ## Fix
/// Count the run in steps or samples.
///
/// ## Source
/// - 0.6.2: megatron-bridge 0.6.2 `training/config.py`, `ConfigContainer.validate`, `TrainingConfig.finalize`.
enum EpochsHaveExamples: Rule {
  static let code: DiagnosticCode = "TRAIN-07"
  static let title = "epochs are of examples"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge062)

  static let path = FieldPath("train", "num_epochs")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (train, dataset) = (run.config.train, run.config.dataset)
    guard !train.storage.carried.isEmpty, let epochs = train.number(path.field) else { return }
    if !(epochs > 0) {
      report.error(at: path, "`num_epochs` is \(epochs); it must be above 0")
    }
    if dataset.kind != .sft {
      report.error(
        at: path, "only examples to finetune on are counted in epochs", help: "count steps or samples",
        related: [(Path.dataset.kind, "\(dataset.kind.rawValue)")])
    } else if dataset.dataloaderType != .batch {
      report.error(
        at: path, "epochs need the loader of whole batches", help: "`dataloader_type: batch`",
        related: [(Path.dataset.dataloaderType, "\(dataset.dataloaderType?.rawValue ?? "null")")],
        fix: .unsafe("load whole batches", (Path.dataset.dataloaderType, .string("batch"))))
    }
    if train.rampupBatchSize != nil {
      report.error(
        at: Path.train.rampupBatchSize, "a run counted in epochs takes no ramp-up", help: "remove it",
        related: [(path, "\(epochs)")], fix: .unsafe("remove it", (Path.train.rampupBatchSize, .null)))
    }
  }
}
