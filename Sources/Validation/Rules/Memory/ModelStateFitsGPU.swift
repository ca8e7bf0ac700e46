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
/// An out-of-memory error comes after the queue, the imports and the first forward pass. The numbers are an estimate from
/// the placement of every layer; `moonlight estimate` prints them with what they assume.
///
/// ## Example
/// ```yaml
/// cluster: {num_nodes: 1, gpus_per_node: 8, gpu_memory_gib: 24}   # Moonlight with TP 2 and EP 8 needs 37 GiB
/// ```
///
/// ## Fix
/// More GPUs, more expert or pipeline parallelism, a smaller micro batch, or recomputing more; `moonlight plan` searches.
///
/// ## Source
/// Byte counts per parameter of megatron-core 0.16.1's optimizers; activations derived from its modules.
enum ModelStateFitsGPU: Rule {
  static let code: DiagnosticCode = "MEM-01"
  static let title = "the run fits the memory of a GPU"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let capacity = run.config.cluster.gpuMemoryGiB
    guard let memory = run.memory, let worst = memory.worst else { return }
    let needed = memory.worstTotal / gibibyte
    guard needed > capacity else { return }
    let state = worst.modelState / gibibyte
    let activations = (worst.activations + worst.logits) / gibibyte
    report.warning(
      at: Path.cluster.gpuMemoryGiB,
      """
      pipeline rank \(worst.pipelineRank) needs about \(needed.tenths) GiB of \(capacity.tenths): weights, gradients and \
      optimizer \(state.tenths), activations \(activations.tenths), system \(memory.assumptions.reservedGiB.tenths)
      """,
      help: "`moonlight estimate` shows the parts; `moonlight plan` finds a layout that fits",
      related: [
        (Path.train.microBatchSize, "micro batch \(run.config.train.microBatchSize ?? 1)"),
        (Path.recompute.recomputeGranularity, "recomputation decides what activations take"),
      ])
  }
}

extension Double {
  /// With one digit behind the point.
  fileprivate var tenths: String {
    guard abs(self) < 1e12 else { return "\(self)" }
    let rounded = Int((self * 10).rounded())
    return "\(rounded / 10).\(abs(rounded % 10))"
  }
}
