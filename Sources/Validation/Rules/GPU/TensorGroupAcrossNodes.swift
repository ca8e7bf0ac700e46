import Diagnostics
import LaunchModel

/// # GPU-13: a tensor-parallel group leaves NVLink
///
/// ## What
/// The GPUs of a tensor-parallel group are neighbours in rank order. Where the GPUs that NVLink joins are
/// no multiple of `tensor_model_parallel_size`, some groups span two nodes. These are the GPUs of a node, or
/// `nvlink_domain_gpus` where that is written. Megatron accepts that.
///
/// ## Why
/// Tensor parallelism communicates twice in every layer, forward and backward, and nothing hides it. Between nodes that
/// is many times slower than within one.
///
/// ## Example
/// ```yaml
/// cluster: {num_nodes: 2, gpus_per_node: 8}
/// parallelism: {tensor_model_parallel_size: 16}
/// ```
///
/// ## Fix
/// Take a size that divides `gpus_per_node`; spread the rest over PP, EP or data parallelism.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `RankGenerator` (order tp-cp-ep-dp-pp); it does not look at
///   nodes.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum TensorGroupAcrossNodes: Rule {
  static let code: DiagnosticCode = "GPU-13"
  static let title = "a tensor-parallel group leaves NVLink"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let near = NVLinkDomain(run.config.cluster, worldSize: run.worldSize)
    guard near.isSmaller, run.sizes.tensor > 1, near.gpus % run.sizes.tensor != 0, run.dataParallelSize != nil else {
      return
    }
    report.warning(
      at: Path.parallelism.tensorModelParallelSize,
      """
      a tensor-parallel group of \(run.sizes.tensor) GPUs does not fit into \(near.plural) of \(near.gpus) \
      (\(near.gpus) / \(run.sizes.tensor) = \(Help.quotient(near.gpus, run.sizes.tensor))): some groups communicate \
      between \(near.plural) in every layer
      """,
      help: "sizes that stay within \(near.one): \(Help.divisors(of: near.gpus, near: run.sizes.tensor))",
      related: [near.related])
  }
}
