import Diagnostics
import LaunchModel
import Releases

/// # EVAL-03: the evaluation batch is a whole number of micro-batches on every replica
///
/// ## What
/// `eval_global_batch_size` must be a multiple of `eval_micro_batch_size` times the data-parallel size, evaluation or
/// not. Where they are not set, they are the training ones. `dist.eval_context_parallel_size` gives evaluation replicas of
/// its own in 0.6.2: TP x PP x that size must divide the GPUs.
///
/// ## Why
/// Megatron-Bridge checks it before anything is built. `decrease_batch_size_if_needed` rounds the training batch only.
///
/// ## Example
/// ```yaml
/// train: {global_batch_size: 100, micro_batch_size: 1, decrease_batch_size_if_needed: true}   # 8 replicas
/// ```
///
/// ## Fix
/// Set `validation.eval_global_batch_size` to a multiple.
///
/// ## Source
/// - 0.5.1: megatron-bridge 0.5.1, `training/config.py`, `ConfigContainer.validate`.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum EvaluationBatchDividesReplicas: Rule {
  static let code: DiagnosticCode = "EVAL-03"
  static let title = "the evaluation batch is a whole number of micro-batches on every replica"
  static let errorsDependOn: PlanAspects = [.tensor, .pipeline, .replicas, .microBatch]
  static let releases = ReleaseSet.since(.bridge051)

  private static let globalPath = FieldPath("validation", "eval_global_batch_size")
  private static let microPath = FieldPath("validation", "eval_micro_batch_size")
  private static let contextPath = FieldPath("dist", "eval_context_parallel_size")
  /// Where the check knows that evaluation has replicas of its own.
  private static let hasOwnReplicas = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let train = run.config.train
    let (ownGlobal, ownMicro) = (size(globalPath, run), size(microPath, run))
    let context = hasOwnReplicas.contains(run.release) ? size(contextPath, run) : nil
    // The training batch has its own rule, which says the same of a run that evaluates with it.
    guard
      ownGlobal != nil || ownMicro != nil || context != nil || train.decreaseBatchSizeIfNeeded
        || !run.config.isWithoutRampUp
    else { return }
    guard let replicas = replicas(run, context, &report), let global = ownGlobal ?? train.globalBatchSize,
      let micro = ownMicro ?? train.microBatchSize
    else { return }
    let (share, overflow) = micro.multipliedReportingOverflow(by: replicas)
    guard overflow || share < 1 || global % share != 0 else { return }
    let path = ownGlobal == nil && ownMicro != nil ? microPath : globalPath
    let nearest = overflow || share < 1 ? nil : Help.neighbours(of: global, multipleOf: share)
    let value = nearest.map { $0.below ?? $0.above }
    report.error(
      at: path,
      """
      an evaluation batch of \(global) is no multiple of micro \(micro) x \(replicas) replicas\
      \(overflow ? "" : " = \(share)")
      """,
      help: nearest.map { nearest in
        """
        `\(name: globalPath)` \([nearest.below, nearest.above].compactMap { $0.map(String.init) }
          .joined(separator: " or "))
        """
      },
      related: [
        ownGlobal == nil
          ? (Path.train.globalBatchSize, "\(global), also for evaluation") : (globalPath, "\(global)"),
        ownMicro == nil ? (Path.train.microBatchSize, "micro batch \(micro)") : (microPath, "micro batch \(micro)"),
      ].filter { $0.0 != path },
      fix: value.map { .unsafe("evaluate batches of \($0)", (globalPath, .int($0))) })
  }

  private static func size(_ path: FieldPath, _ run: RunFacts) -> Int? {
    let section = path.section == contextPath.section ? run.config.dist.storage : run.config.validation.storage
    guard !section.carried.isEmpty else { return nil }
    return section.value(named: path.field).flatMap { Int($0.value) }
  }

  /// Replicas while evaluating.
  private static func replicas(_ run: RunFacts, _ context: Int?, _ report: inout Report) -> Int? {
    guard let context else { return run.dataParallelSize }
    var sizes = run.sizes
    sizes.context = context
    guard context > 0, let replicas = sizes.dataParallel(of: run.worldSize) else {
      report.error(
        at: contextPath,
        """
        \(run.worldSize) GPUs are no multiple of TP \(run.sizes.tensor) x PP \(run.sizes.pipeline) x CP \(context) \
        while evaluating
        """,
        related: [
          (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"),
          (Path.parallelism.pipelineModelParallelSize, "PP \(run.sizes.pipeline)"),
        ], fix: .unsafe("remove it", (contextPath, nil)))
      return nil
    }
    return replicas
  }
}
