import ConfigDocument
import Diagnostics
import LaunchModel

/// # DDP-01: weights are gathered early only with the distributed optimizer
///
/// ## What
/// `ddp.overlap_param_gather` has no effect without the distributed optimizer.
///
/// ## Why
/// Without it every replica has all weights already: there is nothing to gather.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: dist_muon, use_distributed_optimizer: false}
/// ddp: {overlap_param_gather: true, use_distributed_optimizer: false}
/// ```
///
/// ## Fix
/// Switch it off.
///
/// ## Source
/// megatron-core 0.16.1 `distributed/distributed_data_parallel.py`.
enum EarlyGatherNeedsDistributedOptimizer: Rule {
  static let code: DiagnosticCode = "DDP-01"
  static let title = "weights are gathered early only with the distributed optimizer"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.ddp.overlapParamGather, !run.overlap.effective.useDistributedOptimizer,
      !run.config.ddp.useMegatronFSDP
    else { return }
    report.note(
      at: Path.ddp.overlapParamGather,
      "without the distributed optimizer there are no weights to gather; this has no effect",
      related: [(Path.ddp.useDistributedOptimizer, "off"), (Path.optimizer.useDistributedOptimizer, "off")],
      fix: .safe("switch it off", (Path.ddp.overlapParamGather, .bool(false))))
  }
}

/// # DDP-02: fp32 accumulation needs one optimizer instance
///
/// ## What
/// `reduce_scatter_with_fp32_accumulation` excludes `num_distributed_optimizer_instances` above 1.
///
/// ## Why
/// Megatron's reduce-scatter with fp32 accumulation knows one group of replicas.
///
/// ## Example
/// ```yaml
/// ddp: {reduce_scatter_with_fp32_accumulation: true, num_distributed_optimizer_instances: 2}
/// ```
///
/// ## Fix
/// Give up one of the two.
///
/// ## Source
/// megatron-core 0.16.1 `distributed/param_and_grad_buffer.py`.
enum AccumulationNeedsOneInstance: Rule {
  static let code: DiagnosticCode = "DDP-02"
  static let title = "fp32 accumulation needs one optimizer instance"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let ddp = run.config.ddp
    guard ddp.reduceScatterWithFP32Accumulation, ddp.numDistributedOptimizerInstances > 1 else { return }
    report.error(
      at: Path.ddp.reduceScatterWithFP32Accumulation,
      "fp32 accumulation in the reduce-scatter works with one optimizer instance; there are \(ddp.numDistributedOptimizerInstances)",
      related: [(Path.ddp.numDistributedOptimizerInstances, "\(ddp.numDistributedOptimizerInstances) instances")],
      fix: .unsafe("switch it off", (Path.ddp.reduceScatterWithFP32Accumulation, .bool(false))))
  }
}

/// # DDP-03: user buffers exclude expandable segments
///
/// ## What
/// `ddp.nccl_ub` excludes `expandable_segments:True` in `PYTORCH_CUDA_ALLOC_CONF`.
///
/// ## Why
/// PyTorch's memory pools, in which the buffers are registered, do not work with expandable segments.
///
/// ## Example
/// ```yaml
/// ddp: {nccl_ub: true}
/// env_vars: {PYTORCH_CUDA_ALLOC_CONF: "expandable_segments:True"}
/// ```
///
/// ## Fix
/// Give up one of the two. The variable may also come from the cluster's environment, which is not seen here.
///
/// ## Source
/// megatron-core 0.16.1 `distributed/distributed_data_parallel_config.py`.
enum UserBuffersExcludeSegments: Rule {
  static let code: DiagnosticCode = "DDP-03"
  static let title = "user buffers exclude expandable segments"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.ddp.ncclUB,
      case .string(let setting)? = run.config.envVars.carried("PYTORCH_CUDA_ALLOC_CONF"),
      setting.split(separator: ",").contains("expandable_segments:True")
    else { return }
    report.error(
      at: Path.ddp.ncclUB, "NCCL user buffers do not work with `expandable_segments:True`",
      related: [(FieldPath("env_vars", "PYTORCH_CUDA_ALLOC_CONF"), "asks for them")],
      fix: .unsafe("switch the buffers off", (Path.ddp.ncclUB, .bool(false))))
  }
}

/// # DDP-04: averages in the collective survive rounding
///
/// ## What
/// With `average_in_collective`, (replicas of the experts / (replicas x CP)) / replicas of the experts must be
/// 1 / (replicas x CP) as 64-bit floats, bit by bit. For 11 of 33, 7 of 35 or 3 of 39 it is not; powers of two are safe.
///
/// ## Why
/// Megatron-Core compares the two with `==` when it wraps the model, whether there are experts or not. It does not with
/// `calculate_per_token_loss` or with more than one optimizer instance.
///
/// ## Example
/// ```yaml
/// ddp: {average_in_collective: true}   # 33 replicas with EP 3
/// ```
///
/// ## Fix
/// Switch it off; gradients are then scaled before they are summed.
///
/// ## Source
/// megatron-core 0.16.1 `distributed/distributed_data_parallel.py`, `_allocate_buffers_for_parameters`.
enum AveragesSurviveRounding: Rule {
  static let code: DiagnosticCode = "DDP-04"
  static let title = "averages in the collective survive rounding"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let ddp = run.config.ddp
    guard ddp.averageInCollective, ddp.numDistributedOptimizerInstances == 1, !ddp.useMegatronFSDP,
      !run.config.model.calculatePerTokenLoss, let replicas = run.dataParallelSize,
      let experts = run.expertDataParallelSize
    else { return }
    let all = Double(replicas) * Double(run.sizes.context)
    guard Double(experts) / all / Double(experts) != 1 / all else { return }
    report.error(
      at: Path.ddp.averageInCollective,
      """
      Megatron compares (\(experts) / \(Int(all))) / \(experts) with 1 / \(Int(all)) as floats, and rounding makes them \
      differ
      """, help: "switch it off, or take replicas in powers of two",
      related: Help.replicaFields(run) + [
        (Path.parallelism.expertModelParallelSize, "EP \(run.sizes.expert)"),
        (Path.parallelism.expertTensorParallelSize, "ETP \(run.sizes.resolvedExpertTensor)"),
      ], fix: .unsafe("switch it off", (Path.ddp.averageInCollective, .bool(false))))
  }
}
