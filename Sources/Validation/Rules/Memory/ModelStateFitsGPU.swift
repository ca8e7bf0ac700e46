import Diagnostics
import Estimation
import LaunchModel

/// # MEM-01: the run fits the memory of a GPU
///
/// ## What
/// Weights, gradients, optimizer states and activations of the most loaded rank, with what CUDA and NCCL take beside
/// them, should fit `cluster.gpu_memory_gib`.
///
/// ## Why
/// An out-of-memory error comes after the queue, the imports and the first forward pass. The numbers are an estimate
/// from the placement of every layer; `moonlight estimate` prints them with what they assume.
///
/// ## Example
/// ```yaml
/// cluster: {num_nodes: 1, gpus_per_node: 8, gpu_memory_gib: 24}   # Moonlight with TP 2 and EP 8 needs 37 GiB
/// ```
///
/// ## Fix
/// `fp8_recipe: delayed` where nothing is in fp8 (another one keeps the precision-aware optimizer from holding its
/// masters itself), a smaller micro batch, recomputing more, more expert parallelism, optimizer states in host memory, sharding with
/// Megatron-FSDP, or more GPUs: the help says what each but the last would need. `moonlight plan` searches all layouts.
///
/// ## Source
/// - 0.3.1: Byte counts per parameter of megatron-core 0.16.1's optimizers; activations derived from its modules.
/// - 0.6.2: the same of megatron-core 0.19.2, held against runs on an H200.
enum ModelStateFitsGPU: Rule {
  static let code: DiagnosticCode = "MEM-01"
  static let title = "the run fits the memory of a GPU"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let capacity = run.config.cluster.gpuMemoryGiB
    guard let memory = run.memory(), let worst = memory.worst else { return }
    let needed = memory.worstTotal / gibibyte
    guard needed > capacity else { return }
    let state = worst.state.total / gibibyte
    let activations = (worst.activations + worst.working) / gibibyte
    report.warning(
      at: Path.cluster.gpuMemoryGiB,
      """
      pipeline rank \(worst.pipelineRank) needs about \(needed.tenths) GiB of \(capacity.tenths): weights, gradients and \
      optimizer \(state.tenths), activations \(activations.tenths), system \((memory.assumptions.reservedGiB + (worst.blocks + worst.gathered) / gibibyte).tenths)
      """,
      related: [
        (Path.train.microBatchSize, "micro batch \(run.config.train.microBatchSize ?? 1)"),
        (Path.recompute.recomputeGranularity, "recomputation decides what activations take"),
      ],
      help: { mends(run, capacity) })
  }

  /// What single changes would need; those that fit come first.
  private static func mends(_ run: RunFacts, _ capacity: Double) -> Message {
    var fitting: [Message] = []
    var tooLarge: [Message] = []
    for (name, change) in changes(run) {
      var config = run.config
      change(&config)
      guard let needed = RunFacts(config).memory().map({ $0.worstTotal / gibibyte }) else { continue }
      if needed <= capacity {
        fitting.append("\(name) (\(needed.tenths) GiB)")
      } else {
        tooLarge.append("\(name) (\(needed.tenths))")
      }
    }
    let rest: Message = tooLarge.isEmpty ? "" : "not enough alone: \(tooLarge.joined(separator: ", ")); "
    let best: Message = fitting.isEmpty ? "" : "fits with \(fitting.joined(separator: ", or ")); "
    return "\(best)\(rest)`moonlight plan` searches all layouts"
  }

  private typealias Change = (name: Message, apply: (inout LaunchConfig) -> Void)

  private static func changes(_ run: RunFacts) -> [Change] {
    var changes: [Change] = []
    if let micro = run.config.train.microBatchSize, micro > 1 {
      changes.append(("\(name: Path.train.microBatchSize) 1", { $0.train.microBatchSize = 1 }))
    }
    if run.config.recompute.recomputeGranularity != .full {
      if run.hasMoELayer, !(run.config.recompute.recomputeModules ?? []).contains(.moe) {
        changes.append(
          (
            "\(name: Path.recompute.recomputeModules) [moe]",
            {
              $0.recompute.recomputeGranularity = .selective
              $0.recompute.recomputeModules = [.moe]
            }
          ))
      }
      changes.append(
        (
          "\(name: Path.recompute.recomputeGranularity) full",
          {
            $0.recompute.recomputeGranularity = .full
            $0.recompute.recomputeMethod = .uniform
            $0.recompute.recomputeNumLayers = 1
            $0.recompute.recomputeModules = nil
          }
        ))
    }
    var wider = run.sizes
    wider.expert *= 2
    let expert = wider.expert
    if run.hasMoELayer, run.architecture.numMoEExperts % expert == 0,
      wider.expertDataParallel(of: run.worldSize) != nil
    {
      changes.append(
        (
          "\(name: Path.parallelism.expertModelParallelSize) \(expert)",
          { $0.parallelism.expertModelParallelSize = expert }
        ))
    }
    return changes + stateChanges(run)
  }
}

extension ModelStateFitsGPU {
  /// Those that take weights and optimizer states off the GPU; adapters have next to none.
  private static func stateChanges(_ run: RunFacts) -> [Change] {
    let config = run.config
    guard !config.peft.isPresent, config.optimizer.optimizer == .adam else { return [] }
    var changes: [Change] = []
    if config.optimizer.usePrecisionAwareOptimizer, MasterWeights(config) == .apart, config.mixedPrecision.isPresent,
      config.mixedPrecision.fp8 == nil
    {
      // Nothing else reads it without fp8; the losses stay the same.
      changes.append(
        ("\(name: Path.mixedPrecision.fp8Recipe) delayed", { $0.mixedPrecision.fp8Recipe = "delayed" }))
    }
    if config.optimizer.usePrecisionAwareOptimizer,
      !config.optimizer.optimizerCPUOffload || config.optimizer.optimizerOffloadFraction < 1
    {
      changes.append(
        (
          "\(name: Path.optimizer.optimizerCPUOffload) with \(name: Path.optimizer.optimizerOffloadFraction) 1",
          {
            $0.optimizer.optimizerCPUOffload = true
            $0.optimizer.optimizerOffloadFraction = 1
          }
        ))
    }
    let isSharded = config.usesMegatronFSDP && config.ddp.dataParallelShardingStrategy == .optimGradsParams
    if !isSharded, !config.optimizer.optimizerCPUOffload, run.dataParallelSize ?? 1 > 1 {
      changes.append(
        (
          "\(name: Path.ddp.useMegatronFSDP) with \(name: Path.ddp.dataParallelShardingStrategy) optim_grads_params",
          {
            $0.ddp.useMegatronFSDP = true
            $0.ddp.dataParallelShardingStrategy = .optimGradsParams
          }
        ))
    }
    return changes
  }
}
