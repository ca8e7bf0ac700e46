import ConfigDocument
import Diagnostics
import LaunchModel
import Releases

/// # BATCH-05: a ramp-up has something to ramp
///
/// ## What
/// The start of `rampup_batch_size` must lie below `global_batch_size`, and its number of samples above 0.
///
/// ## Why
/// Both look harmless, a ramp-up that does nothing; but Megatron divides by the number of increments and by the samples
/// of each, and stops with a ZeroDivisionError.
///
/// ## Example
/// ```yaml
/// train: {global_batch_size: 2048, rampup_batch_size: [2048, 256, 100000]}
/// ```
///
/// ## Fix
/// Remove `rampup_batch_size`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `num_microbatches_calculator.py`, `RampupBatchsizeNumMicroBatchesCalculator`.
enum RampUpHasSomethingToRamp: Rule {
  static let code: DiagnosticCode = "BATCH-05"
  static let title = "a ramp-up has something to ramp"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.where { $0.rampUp == .applied }

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    guard let values = train.rampupBatchSize, values.count == 3, values[0] > 0, values[1] > 0,
      let global = train.globalBatchSize, (global - min(values[0], global)) % values[1] == 0
    else { return }
    let remove = (Path.train.rampupBatchSize, ConfigValue.null as ConfigValue?)
    if values[0] == global {
      report.error(
        at: Path.train.rampupBatchSize,
        "the ramp-up starts at the global batch of \(global): Megatron divides by its 0 increments",
        help: "without a ramp-up the batch is \(global) from the first step",
        related: [(Path.train.globalBatchSize, "the same")],
        fix: .safe("remove the ramp-up", remove))
    } else if values[2] == 0, values[0] < global {
      report.error(
        at: Path.train.rampupBatchSize, "the ramp-up takes 0 samples: Megatron divides by them",
        help: "without a ramp-up the batch is \(global) from the first step",
        related: [(Path.train.globalBatchSize, "the batch in the end")],
        fix: .unsafe("remove the ramp-up", remove))
    }
  }
}
