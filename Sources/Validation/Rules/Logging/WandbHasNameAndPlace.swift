import Diagnostics
import LaunchModel
import Releases

/// # LOG-03: Weights & Biases has a run name and a place
///
/// ## What
/// With `logger.wandb_project`, `wandb_exp_name` must not be empty, and `wandb_save_dir` or `checkpoint.save` must be given.
///
/// ## Why
/// The last rank opens the run when everything else is set up, and ends the job if it cannot.
///
/// ## Example
/// ```yaml
/// logger: {wandb_project: moonlight, wandb_exp_name: ""}
/// ```
///
/// ## Fix
/// Name the run.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/state.py`, `wandb_logger`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum WandbHasNameAndPlace: Rule {
  static let code: DiagnosticCode = "LOG-03"
  static let title = "Weights & Biases has a run name and a place"
  static let errorsDependOn: PlanAspects = []

  /// Where the folder is made of `checkpoint.save`, without asking whether that is given.
  private static let needsPlace = ReleaseSet.until(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let logger = run.config.logger
    guard let project = logger.wandbProject, !project.isEmpty else { return }
    if logger.wandbExpName == "" {
      report.error(
        at: Path.logger.wandbExpName, "the run in the Weights & Biases project `\(project)` has an empty name",
        related: [(Path.logger.wandbProject, "\(project)")],
        fix: .unsafe("take the recipe's name", (Path.logger.wandbExpName, .string(run.config.recipe.name))))
    }
    guard needsPlace.contains(run.release), run.config.checkpoint.save == nil else { return }
    let directory = FieldPath("logger", "wandb_save_dir")
    if case .string(let folder)? = logger.carried(directory.field), !folder.isEmpty { return }
    report.error(
      at: Path.logger.wandbProject, "Weights & Biases has no place for its files: `\(Path.checkpoint.save)` is null",
      help: "or `\(directory)`", related: [(Path.checkpoint.save, "null")])
  }
}
