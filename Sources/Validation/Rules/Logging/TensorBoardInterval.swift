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
/// - 0.3.1: megatron-bridge 0.3.1 `training/utils/train_utils.py`, `training_log`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum TensorBoardInterval: Rule {
  static let code: DiagnosticCode = "LOG-02"
  static let title = "TensorBoard is written at an interval of at least 1"
  static let errorsDependOn: PlanAspects = []

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
