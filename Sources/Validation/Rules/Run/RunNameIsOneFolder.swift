import Diagnostics
import LaunchModel

/// # RUN-01: the run's name is the name of one folder
///
/// ## What
/// `recipe.name` is not empty, is neither `.` nor `..`, and holds no `/`.
///
/// ## Why
/// A run writes into `<recipe.dir>/<recipe.name>` and nowhere else. With a separator in the name, checkpoints and logs
/// would land in a folder that may belong to somebody else.
///
/// ## Example
/// ```yaml
/// recipe: {name: ../../other}
/// ```
///
/// ## Fix
/// Put the way into `recipe.dir`, which may be any path: `recipe: {dir: /results/team, name: run1}`.
///
/// ## Source
/// The run directory of this package.
enum RunNameIsOneFolder: Rule {
  static let code: DiagnosticCode = "RUN-01"
  static let title = "the run's name is the name of one folder"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let problem = RunName.problem(run.config.recipe.name) else { return }
    report.error(
      at: Path.recipe.name, "the run's name \(problem)",
      help: "`\(Path.recipe.dir)` may be any path; `\(Path.recipe.name)` is one folder in it")
  }
}
