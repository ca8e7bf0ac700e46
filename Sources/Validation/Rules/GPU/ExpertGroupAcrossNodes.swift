import Diagnostics
import LaunchModel

/// # GPU-14: an expert-parallel group crosses nodes
///
/// ## What
/// The GPUs of one set of experts are ETP x EP neighbours in rank order. Where that does not divide `gpus_per_node`,
/// the all-to-all of every MoE layer goes between nodes. Megatron accepts that. The `flex` dispatcher, whose kernels
/// are made for it, is not warned about.
///
/// ## Why
/// Every token travels to its experts and back in every MoE layer, forward and backward.
///
/// ## Example
/// ```yaml
/// cluster: {num_nodes: 2, gpus_per_node: 8}
/// parallelism: {expert_model_parallel_size: 16}
/// ```
///
/// ## Fix
/// Take an EP that fits into a node, or the `flex` dispatcher.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `RankGenerator` (expert order etp-ep-edp-pp); it does not look at
///   nodes.
enum ExpertGroupAcrossNodes: Rule {
  static let code: DiagnosticCode = "GPU-14"
  static let title = "an expert-parallel group crosses nodes"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (nodes, perNode) = (run.config.cluster.numNodes, run.config.cluster.gpusPerNode)
    guard nodes > 1, run.sizes.expert > 1, run.expertDataParallelSize != nil, run.hasMoELayer,
      run.config.model.moeTokenDispatcherType != .flex
    else { return }
    let expertTensor = run.sizes.expertTensor
    let group = expertTensor * run.sizes.expert
    guard perNode % group != 0 else { return }
    report.warning(
      at: Path.parallelism.expertModelParallelSize,
      """
      one set of experts takes ETP \(expertTensor) x EP \(run.sizes.expert) = \(group) GPUs, which do not fit into \
      nodes \
      of \(perNode): every MoE layer sends its tokens between nodes
      """,
      help: expertTensor <= perNode && perNode % expertTensor == 0
        ? """
        EP that stays within a node: \(Help.divisors(of: perNode / expertTensor, near: run.sizes.expert)); or \
        moe_token_dispatcher_type flex
        """
        : "moe_token_dispatcher_type flex is made for it",
      related: [
        (Path.cluster.gpusPerNode, "\(perNode) GPUs a node"),
        (Path.parallelism.expertTensorParallelSize, "ETP \(expertTensor)"),
      ])
  }
}
