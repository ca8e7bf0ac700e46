import Diagnostics
import LaunchModel
import Releases

/// # DATA-16: a blend holds a batch
///
/// ## What
/// A blend of several sources is as long as the run: with `train_samples` below `global_batch_size` the run does not start.
/// And where a share of it is for validation, `eval_iters` is above 0 and `eval_interval` 0 or null, no sample of it is asked
/// for, which ends the run as well.
///
/// ## Why
/// The loaders refuse a set without a batch, or without a sample.
///
/// ## Example
/// ```yaml
/// train: {train_samples: 1000, global_batch_size: 2048}
/// dataset: {kind: indexed, data_paths: [a, b]}
/// ```
///
/// ## Fix
/// Train on at least a batch; `eval_iters: 0` switches evaluation off.
///
/// ## Source
/// - 0.5.1: megatron-bridge 0.5.1 `data/loaders.py`, `build_train_valid_test_data_loaders`; `data/samplers.py`.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum BlendHoldsBatch: Rule {
  static let code: DiagnosticCode = "DATA-16"
  static let title = "a blend holds a batch"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (dataset, train, validation) = (run.config.dataset, run.config.train, run.config.validation)
    let sources = dataset.dataPaths
    guard sources.count > 1, dataset.kind != .mock, dataset.kind != .sft else { return }
    let related: [RelatedField] = [(Path.dataset.dataPaths, "\(sources.count) sources")]
    if dataset.dataloaderType != .external, let samples = train.trainSamples, let batch = train.globalBatchSize,
      samples > 0, samples < batch, let length = length(of: sources, samples: samples), length < batch
    {
      report.error(
        at: Path.train.trainSamples,
        "the blend is cut to \(Help.count(length, "sample")), less than a batch of \(batch)",
        related: related + [(Path.train.globalBatchSize, "\(batch) samples a step")])
    }
    if validation.evalIters > 0, (validation.evalInterval ?? 0) == 0, evaluates(dataset) {
      report.error(
        at: Path.validation.evalInterval,
        "a share of the blend is for validation, but no sample of it is ever asked for",
        help: "`eval_iters: 0` switches evaluation off",
        related: related + [(Path.validation.evalIters, "\(validation.evalIters)")],
        fix: .unsafe("switch evaluation off", (Path.validation.evalIters, 0)))
    }
  }

  /// Each source gives its share, rounded up.
  private static func length(of sources: [DataPath], samples: Int) -> Int? {
    let weights = sources.compactMap(\.weight)
    guard weights.count == sources.count else { return samples }
    let whole = weights.reduce(0, +)
    guard whole > 0, whole.isFinite else { return nil }
    return weights.reduce(0) { $0 + Int((Double(samples) * ($1 / whole)).rounded(.up)) }
  }

  private static func evaluates(_ dataset: Section<DatasetFields>) -> Bool {
    guard dataset.validDataPaths.isEmpty, let split = dataset.split else { return false }
    let shares = split.split { !$0.isASCII || !($0.isNumber || $0 == ".") }.map { Double($0) ?? 0 }
    return shares.count > 1 && shares[1] > 0
  }
}
