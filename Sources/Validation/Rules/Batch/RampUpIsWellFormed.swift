import Diagnostics
import LaunchModel
import Releases

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
/// - 0.3.1: megatron-core 0.16.1 `num_microbatches_calculator.py`, `RampupBatchsizeNumMicroBatchesCalculator`.
enum RampUpIsWellFormed: Rule {
  static let code: DiagnosticCode = "BATCH-04"
  static let title = "a ramp-up leads from its start to the global batch in whole steps"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.where { $0.rampUp == .applied }

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    guard let values = train.rampupBatchSize else { return }
    guard values.count == 3 else {
      report.error(
        at: Path.train.rampupBatchSize,
        "a ramp-up is [start, increment, samples], but `rampup_batch_size` has \(Help.count(values.count, "number"))")
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
    let related: [RelatedField] = [(Path.train.globalBatchSize, "the batch it must arrive at")]
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
