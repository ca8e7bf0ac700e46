import Diagnostics
import LaunchModel

/// # CKPT-13: states of the same optimizer
///
/// ## What
/// Where the checkpoint in `load` is at hand, the optimizer whose states are loaded must be the one that saved them, on the
/// distributed optimizer as well or neither. A checkpoint of another release of Megatron-Bridge is a warning. One of the CPU
/// engine holds the states of every form of the same optimizer, and always loads them.
///
/// ## Why
/// States are asked for by name: `exp_avg` and `exp_avg_sq` are Adam's, a single momentum is Muon's and SGD's. Those of the
/// distributed optimizer lie in its buffers. Between releases fields and names of states change.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: sgd}
/// checkpoint: {load: ck}   # written with adam
/// ```
///
/// ## Fix
/// The checkpoint's optimizer, or `load_optim: false`, which starts the optimizer anew.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/checkpointing.py`, `_load_checkpoint_from_path`; megatron-core 0.16.1
///   `optimizer/distrib_optimizer.py`, `sharded_state_dict`.
/// - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
enum StatesOfTheSameOptimizer: Rule {
  static let code: DiagnosticCode = "CKPT-13"
  static let title = "states of the same optimizer"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let saved = run.resumed else { return }
    if saved.writer == .cpuEngine { return checkOwn(run, saved, &report) }
    if !saved.fitsRelease {
      report.warning(
        at: saved.path,
        """
        the checkpoint is of another release: Megatron-Bridge \(run.release.megatronBridge) does not have all that \
        stands in its run_config.yaml, which is for \(saved.config.release.megatronBridge)
        """)
    }
    guard run.config.checkpoint.loadOptim, saved.config.checkpoint.saveOptim else { return }
    let help: Message = "take the checkpoint's, or set \(Path.checkpoint.loadOptim) to false"
    let (now, then) = (run.config.optimizer, saved.config.optimizer)
    if now.optimizer != then.optimizer {
      report.error(
        at: Path.optimizer.optimizer,
        "the checkpoint holds the states of `\(then.optimizer.rawValue)`, and `\(now.optimizer.rawValue)` has others",
        help: help, related: [(saved.path, "the checkpoint")])
    } else if now.useDistributedOptimizer != then.useDistributedOptimizer {
      report.error(
        at: Path.optimizer.useDistributedOptimizer,
        "the checkpoint was saved \(then.useDistributedOptimizer ? "with" : "without") the distributed optimizer",
        help: help, related: [(saved.path, "the checkpoint")])
    }
  }
  /// A checkpoint of the CPU engine.
  private static func checkOwn(_ run: RunFacts, _ saved: SavedRun, _ report: inout Report) {
    let (now, then) = (run.config.optimizer.optimizer, saved.config.optimizer.optimizer)
    if !isSame(now, then) {
      report.error(
        at: Path.optimizer.optimizer,
        "the checkpoint holds the states of `\(then.rawValue)`, and `\(now.rawValue)` has others",
        help: """
          take the checkpoint's, or start with --no-resume from its weights: name them in \
          \(Path.checkpoint.pretrainedCheckpoint)
          """,
        related: [(saved.path, "the checkpoint")])
    }
    guard saved.config.release != run.release else { return }
    report.warning(
      at: Path.software.megatronBridge,
      """
      the checkpoint is of a run for Megatron-Bridge \(saved.config.release.megatronBridge), and what nobody sets may mean \
      something else for \(run.release.megatronBridge)
      """,
      related: [(saved.path, "the checkpoint")])
  }

  /// Divided over replicas or not, the states are the same.
  private static func isSame(_ now: OptimizerKind, _ then: OptimizerKind) -> Bool {
    now == then || [now, then].allSatisfy { [.muon, .distributedMuon].contains($0) }
  }
}
