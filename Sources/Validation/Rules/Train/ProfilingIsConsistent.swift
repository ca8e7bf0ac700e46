import Diagnostics
import LaunchModel

/// # TRAIN-05: profiling and experiment logs are consistent
///
/// ## What
/// At most one of the two profilers; `0 <= profile_step_start <= profile_step_end`; and `logger.mlflow_experiment` comes
/// with `mlflow_run_name`, `logger.comet_project`, which 0.5.1 brought, with `comet_experiment_name`.
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
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ProfilingConfig.finalize`, `LoggerConfig.finalize`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum ProfilingIsConsistent: Rule {
  static let code: DiagnosticCode = "TRAIN-05"
  static let title = "profiling and experiment logs are consistent"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    experiment(run, &report)
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

  private static func experiment(_ run: RunFacts, _ report: inout Report) {
    let logger = run.config.logger
    if let experiment = logger.mlflowExperiment, !experiment.isEmpty, (logger.mlflowRunName ?? "").isEmpty {
      report.error(
        at: Path.logger.mlflowExperiment, "the MLflow experiment `\(experiment)` needs a run name",
        related: [(Path.logger.mlflowRunName, "not given")],
        fix: .unsafe("take the recipe's name", (Path.logger.mlflowRunName, .string(run.config.recipe.name))))
    }
    let (project, name) = (FieldPath("logger", "comet_project"), FieldPath("logger", "comet_experiment_name"))
    guard let comet = logger.text(project.field), !comet.isEmpty, (logger.text(name.field) ?? "").isEmpty else {
      return
    }
    report.error(
      at: project, "the Comet project `\(comet)` needs a name for the experiment", related: [(name, "not given")],
      fix: .unsafe("take the recipe's name", (name, .string(run.config.recipe.name))))
  }
}
