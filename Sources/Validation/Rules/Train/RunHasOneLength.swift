import Diagnostics
import LaunchModel

/// # TRAIN-01: the length of the run is given once
///
/// ## What
/// Exactly one of `train_iters` and `train_samples` must be given, in 0.6.2 of these and `num_epochs`, and samples must be
/// above 0. Samples are turned into
/// steps by dividing by the global batch; a rest is not trained on.
///
/// ## Why
/// Megatron-Bridge refuses none and several.
///
/// ## Example
/// ```yaml
/// extends: moonlight_16b_pretrain_config   # sets train_iters
/// train: {train_samples: 1000000}
/// ```
///
/// ## Fix
/// Set the other one to `null`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `TrainingConfig.finalize`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum RunHasOneLength: Rule {
  static let code: DiagnosticCode = "TRAIN-01"
  static let title = "the length of the run is given once"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    if EpochsHaveExamples.releases.contains(run.release), let epochs = train.number(EpochsHaveExamples.path.field) {
      let others: [(FieldPath, String?)] = [
        (Path.train.trainIters, train.trainIters.map { "\($0) steps" }),
        (Path.train.trainSamples, train.trainSamples.map { "\($0) samples" }),
      ]
      guard let other = others.first(where: { $0.1 != nil }) else { return }
      report.error(
        at: EpochsHaveExamples.path,
        "both `num_epochs` (\(epochs)) and `\(name: other.0)` (\(other.1 ?? "")) are given; Megatron-Bridge takes one",
        help: "set the other to null", related: [(other.0, "\(other.1 ?? "")")],
        fix: .unsafe("count the run in epochs", (other.0, .null)))
      return
    }
    guard let samples = train.trainSamples else {
      guard train.trainIters == nil else { return }
      report.error(
        at: Path.train.trainIters, "neither `train_iters` nor `train_samples` is given: the run has no length",
        related: [(Path.train.trainSamples, "would do as well")])
      return
    }
    if let steps = train.trainIters {
      report.error(
        at: Path.train.trainSamples,
        "both `train_iters` (\(steps) steps) and `train_samples` (\(samples)) are given; Megatron-Bridge takes one",
        help: "set the other to null", related: [(Path.train.trainIters, "\(steps) steps")],
        fix: .unsafe("count the run in samples", (Path.train.trainIters, .null)))
      return
    }
    guard samples > 0 else {
      report.error(at: Path.train.trainSamples, "`train_samples` is 0; it must be positive")
      return
    }
    guard let batch = train.globalBatchSize, batch > 0, samples % batch != 0 else { return }
    let related: [RelatedField] = [(Path.train.globalBatchSize, "\(batch) samples a step")]
    if samples < batch {
      report.warning(
        at: Path.train.trainSamples,
        "\(Help.count(samples, "sample")) / \(batch) a step = 0 steps: the run ends before it trains", related: related)
    } else {
      report.note(
        at: Path.train.trainSamples,
        """
        \(samples) samples / \(batch) a step = \(Help.count(samples / batch, "step")); the last \
        \(Help.count(samples % batch, "sample")) left out
        """,
        related: related)
    }
  }
}
