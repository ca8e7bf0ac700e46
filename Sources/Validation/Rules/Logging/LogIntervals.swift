import ConfigDocument
import Diagnostics
import LaunchModel

/// # LOG-02: TensorBoard is written at an interval of at least 1
///
/// ## What
/// `logger.tensorboard_log_interval` must not be 0 where timers or anything else go to TensorBoard.
///
/// ## Why
/// Megatron-Bridge takes the step modulo the interval behind the first step, and stops with a ZeroDivisionError.
///
/// ## Example
/// ```yaml
/// logger: {tensorboard_dir: tb_logs, tensorboard_log_interval: 0}
/// ```
///
/// ## Fix
/// Set `tensorboard_dir` to `null` to write nothing.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/utils/train_utils.py`, `training_log`.
enum TensorBoardInterval: Rule {
  static let code: DiagnosticCode = "LOG-02"
  static let title = "TensorBoard is written at an interval of at least 1"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let logger = run.config.logger
    guard logger.carried("tensorboard_log_interval") == .int(0),
      logger.logTimersToTensorboard || logger.tensorboardDir != nil
    else { return }
    let path = FieldPath("logger", "tensorboard_log_interval")
    report.error(
      at: path, "`tensorboard_log_interval` is 0: Megatron divides the step by it",
      related: [
        logger.logTimersToTensorboard
          ? (Path.logger.logTimersToTensorboard, "timers are written") : (Path.logger.tensorboardDir, "written to")
      ],
      fix: .unsafe("write every step", (path, .int(1))))
  }
}

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
/// megatron-bridge 0.3.1 `training/state.py`, `wandb_logger`.
enum WandbHasNameAndPlace: Rule {
  static let code: DiagnosticCode = "LOG-03"
  static let title = "Weights & Biases has a run name and a place"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let logger = run.config.logger
    guard let project = logger.wandbProject, !project.isEmpty else { return }
    if logger.wandbExpName == "" {
      report.error(
        at: Path.logger.wandbExpName, "the run in the Weights & Biases project `\(project)` has an empty name",
        related: [(Path.logger.wandbProject, project)],
        fix: .unsafe("take the recipe's name", (Path.logger.wandbExpName, .string(run.config.recipe.name))))
    }
    guard run.config.checkpoint.save == nil else { return }
    if case .string(let directory)? = logger.carried("wandb_save_dir"), !directory.isEmpty { return }
    report.error(
      at: Path.logger.wandbProject, "Weights & Biases has no place for its files: `checkpoint.save` is null",
      help: "or `logger.wandb_save_dir`", related: [(Path.checkpoint.save, "null")])
  }
}
