import Diagnostics
import LaunchModel

/// # CKPT-11: optimizer states fit the stages
///
/// ## What
/// Where the checkpoint in `load` is at hand, its `run_config.yaml` says how it was sharded. States of the distributed
/// optimizer that were not saved with `dist_ckpt_optim_fully_reshardable` load only on the same tensor and pipeline parallel
/// sizes. Other sizes of the expert groups are a warning: such states are kept by buffer, and the buffers are others. With
/// reshardable states, random numbers and the rerun state are left out, which is a note. Checkpoints of the CPU engine fit
/// every layout.
///
/// ## Why
/// Megatron-Bridge compares (TP, PP) with the checkpoint's and raises a RuntimeError.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 4}
/// checkpoint: {load: ck}   # written with TP 1
/// ```
///
/// ## Fix
/// The checkpoint's sizes, or `load_optim: false`, which starts the optimizer anew. For the next time, save with
/// `dist_ckpt_optim_fully_reshardable`.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/checkpointing.py`, `_load_checkpoint_from_path` and
///   `_build_sharded_state_dict_metadata`; megatron-core 0.16.1 `optimizer/distrib_optimizer.py`,
///   `checkpoint_fully_reshardable_formats`.
/// - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
enum StatesFitTheStages: Rule {
  static let code: DiagnosticCode = "CKPT-11"
  static let title = "optimizer states fit the stages"
  static let errorsDependOn: PlanAspects = [.tensor, .pipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let saved = run.resumed, saved.writer == .megatron else { return }
    let (now, then) = (run.config.parallelism, saved.config.parallelism)
    let isSame =
      now.tensorModelParallelSize == then.tensorModelParallelSize
      && now.pipelineModelParallelSize == then.pipelineModelParallelSize
    let sizes = "TP \(then.tensorModelParallelSize) and PP \(then.pipelineModelParallelSize)"
    let differing =
      now.tensorModelParallelSize == then.tensorModelParallelSize
      ? Path.parallelism.pipelineModelParallelSize : Path.parallelism.tensorModelParallelSize
    if !loadsStates(run, saved) || saved.config.checkpoint.distCkptOptimFullyReshardable {
      if !isSame {
        report.note(
          at: differing,
          "the checkpoint has \(sizes): its random numbers and rerun state are left out, and draw anew",
          related: [(saved.path, "the checkpoint")])
      }
      return
    }
    if !isSame {
      report.error(
        at: differing,
        "the checkpoint was saved with \(sizes), and its optimizer states load on these sizes alone",
        help: """
          take the checkpoint's sizes, or set \(Path.checkpoint.loadOptim) to false; only states saved with \
          \(Path.checkpoint.distCkptOptimFullyReshardable) load on others
          """,
        related: [(saved.path, "the checkpoint")])
    } else if now.expertModelParallelSize != then.expertModelParallelSize {
      report.warning(
        at: Path.parallelism.expertModelParallelSize,
        "the checkpoint was saved with EP \(then.expertModelParallelSize); its optimizer states are those of its buffers",
        help: "take the checkpoint's size, or set \(Path.checkpoint.loadOptim) to false",
        related: [(saved.path, "the checkpoint")])
    }
  }

  /// Whether states of a distributed optimizer are loaded.
  private static func loadsStates(_ run: RunFacts, _ saved: SavedRun) -> Bool {
    run.config.checkpoint.loadOptim && saved.config.checkpoint.saveOptim
      && run.config.optimizer.useDistributedOptimizer && saved.config.optimizer.useDistributedOptimizer
  }
}
