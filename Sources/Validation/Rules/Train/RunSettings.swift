import Diagnostics
import LaunchModel

/// # TRAIN-02: garbage is collected at an interval of at least 0
///
/// ## What
/// With `manual_gc`, `manual_gc_interval` must not be negative; 0 collects only around evaluations.
///
/// ## Why
/// Megatron-Bridge asserts it when training begins, after everything has been loaded.
///
/// ## Example
/// ```yaml
/// train: {manual_gc: true, manual_gc_interval: -1}
/// ```
///
/// ## Fix
/// Write 0, or switch `manual_gc` off.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/train.py`.
enum GarbageCollectionInterval: Rule {
  static let code: DiagnosticCode = "TRAIN-02"
  static let title = "garbage is collected at an interval of at least 0"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let interval = run.config.train.manualGCInterval
    guard interval < 0, run.config.train.manualGC else { return }
    report.error(
      at: Path.train.manualGCInterval, "`manual_gc_interval` is \(interval), but garbage is collected by hand",
      help: "0 collects only before and after evaluation", related: [(Path.train.manualGC, "on")],
      fix: .safe("make it 0", (Path.train.manualGCInterval, .int(0))))
  }
}

/// # TRAIN-04: the seed is above 0
///
/// ## What
/// `rng.seed` must be a positive number.
///
/// ## Why
/// Megatron asserts it after the process groups are up.
///
/// ## Example
/// ```yaml
/// rng: {seed: 0}
/// ```
///
/// ## Fix
/// Any number from 1 on.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/initialize.py`, `_set_random_seed`.
enum SeedIsPositive: Rule {
  static let code: DiagnosticCode = "TRAIN-04"
  static let title = "the seed is above 0"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let seed = run.config.rng.seed
    guard seed <= 0 else { return }
    report.error(
      at: Path.rng.seed, "the seed is \(seed); Megatron wants one above 0",
      fix: .unsafe("make it 1234", (Path.rng.seed, .int(1234))))
  }
}

/// # TRAIN-05: profiling and experiment logs are consistent
///
/// ## What
/// At most one of the two profilers; `0 <= profile_step_start <= profile_step_end`; and `logger.mlflow_experiment` comes
/// with `mlflow_run_name`.
///
/// ## Why
/// Both profilers would hook into the same CUDA events, and an end before the start has no meaning. An experiment without
/// a run name is refused at start-up.
///
/// ## Example
/// ```yaml
/// profiling: {use_nsys_profiler: true, use_pytorch_profiler: true}
/// ```
///
/// ## Fix
/// Choose one, and order the steps.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `ProfilingConfig.finalize`, `LoggerConfig.finalize`.
enum ProfilingIsConsistent: Rule {
  static let code: DiagnosticCode = "TRAIN-05"
  static let title = "profiling and experiment logs are consistent"

  static func check(_ run: RunFacts, _ report: inout Report) {
    if let experiment = run.config.logger.mlflowExperiment, !experiment.isEmpty,
      (run.config.logger.mlflowRunName ?? "").isEmpty
    {
      report.error(
        at: Path.logger.mlflowExperiment, "the MLflow experiment `\(experiment)` needs a run name",
        related: [(Path.logger.mlflowRunName, "not given")],
        fix: .unsafe("take the recipe's name", (Path.logger.mlflowRunName, .string(run.config.recipe.name))))
    }
    let profiling = run.config.profiling
    guard profiling.isPresent else { return }
    if profiling.useNsysProfiler, profiling.usePytorchProfiler {
      report.error(
        at: Path.profiling.usePytorchProfiler, "two profilers are on; Megatron-Bridge takes one",
        related: [(Path.profiling.useNsysProfiler, "the other")])
    }
    let (start, end) = (profiling.profileStepStart, profiling.profileStepEnd)
    if start < 0 || end < 0 {
      report.error(
        at: start < 0 ? Path.profiling.profileStepStart : Path.profiling.profileStepEnd,
        "a profiled step cannot be negative: \(min(start, end))")
    } else if end < start {
      report.error(
        at: Path.profiling.profileStepEnd, "profiling starts at step \(start) and stops before it, at \(end)",
        related: [(Path.profiling.profileStepStart, "starts at \(start)")])
    }
  }
}
