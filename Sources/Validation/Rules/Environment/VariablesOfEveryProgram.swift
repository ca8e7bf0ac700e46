import Diagnostics
import LaunchModel

/// # ENV-02: variables that every program of a launch reads
///
/// ## What
/// `env_vars` sets `HOME`, `PYTHONPATH`, `LD_LIBRARY_PATH`, `CUDA_VISIBLE_DEVICES` or the like.
///
/// ## Why
/// They reach the launcher and the commands of the script as well as the ranks, and replace what the container or the
/// job's environment had set.
///
/// ## Example
/// ```yaml
/// env_vars: {PYTHONPATH: /home/me/src}
/// ```
///
/// ## Fix
/// Set it in the container or before the job is submitted, unless all of the launch is meant.
///
/// ## Source
/// The launch scripts of this package export `env_vars` before anything else runs.
enum VariablesOfEveryProgram: Rule {
  static let code: DiagnosticCode = "ENV-02"
  static let title = "variables that every program of a launch reads"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    for variable in run.config.envVars.storage.carried {
      guard let effect = VariableEffect.description(of: variable.name) else { continue }
      report.warning(
        at: FieldPath("env_vars", variable.name), "`\(variable.name)` changes \(effect)",
        help: "set it in the container or before the job is submitted, unless all of the launch is meant")
    }
  }
}
