import ConfigDocument
import Diagnostics
import LaunchModel

/// # BATCH-04: a ramp-up leads from its start to the global batch in whole steps
///
/// ## What
/// `rampup_batch_size` is exactly `[start, increment, samples]`, with a start and an increment above 0 and a start of at
/// most `global_batch_size`, from which a whole number of increments leads to it.
///
/// ## Why
/// The batch grows by one increment at a time, and has to arrive.
///
/// ## Example
/// ```yaml
/// train: {global_batch_size: 2048, rampup_batch_size: [256, 100, 100000]}   # 1792 / 100 is no whole number
/// ```
///
/// ## Fix
/// Take an increment that divides the difference.
///
/// ## Source
/// megatron-core 0.16.1 `num_microbatches_calculator.py`, `RampupBatchsizeNumMicroBatchesCalculator`.
enum RampUpIsWellFormed: Rule {
  static let code: DiagnosticCode = "BATCH-04"
  static let title = "a ramp-up leads from its start to the global batch in whole steps"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    guard let values = train.rampupBatchSize else { return }
    guard values.count == 3 else {
      report.error(
        at: Path.train.rampupBatchSize, "a ramp-up is [start, increment, samples], but this has \(values.count) numbers"
      )
      return
    }
    let (start, increment) = (values[0], values[1])
    guard start > 0, increment > 0 else {
      report.error(
        at: Path.train.rampupBatchSize,
        start > 0 ? "the increment is 0, so the batch never grows" : "the start is 0: a first step without samples")
      return
    }
    guard let global = train.globalBatchSize else { return }
    let related = [(Path.train.globalBatchSize, "the batch it must arrive at")]
    guard start <= global else {
      report.error(
        at: Path.train.rampupBatchSize, "the ramp-up starts at \(start), above the global batch of \(global)",
        related: related)
      return
    }
    guard (global - start) % increment != 0 else { return }
    let below = start + (global - start) / increment * increment
    let divisor = Help.nearestDivisor(of: global - start, to: increment)
    report.error(
      at: Path.train.rampupBatchSize,
      "from \(start) to \(global) are \(global - start) sequences, no whole number of increments of \(increment)",
      help: "an increment of \(divisor), or a global batch of \(below) or \(below + increment)", related: related,
      fix: .unsafe(
        "increase by \(divisor)", (Path.train.rampupBatchSize, .list([.int(start), .int(divisor), .int(values[2])]))))
  }
}

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
/// megatron-core 0.16.1 `num_microbatches_calculator.py`, `RampupBatchsizeNumMicroBatchesCalculator`.
enum RampUpHasSomethingToRamp: Rule {
  static let code: DiagnosticCode = "BATCH-05"
  static let title = "a ramp-up has something to ramp"

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
/// megatron-bridge 0.3.1 `training/config.py`, `TrainingConfig.finalize`.
enum RampUpNeedsSteps: Rule {
  static let code: DiagnosticCode = "BATCH-07"
  static let title = "a ramp-up needs a run counted in steps"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    guard train.rampupBatchSize != nil, let samples = train.trainSamples, train.trainIters == nil else { return }
    report.error(
      at: Path.train.rampupBatchSize,
      "a ramp-up needs `train_iters`; the length of this run is given as \(samples) samples",
      related: [(Path.train.trainSamples, "counted in samples")])
  }
}
