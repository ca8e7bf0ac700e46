import Diagnostics
import LaunchModel
import Topology

/// # GPU-14: an expert-parallel group leaves NVLink
///
/// ## What
/// The GPUs of one set of experts are ETP x EP neighbours in rank order. Where that does not divide the GPUs that
/// NVLink joins, the all-to-all of every MoE layer goes over the network. These are the GPUs of a node, or
/// `nvlink_domain_gpus` where that is written: 72 in a rack of GB200 NVL72. Megatron accepts that. The `flex` dispatcher,
/// whose kernels are made for it, is not warned about.
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
/// Take an EP that fits into a node, write `nvlink_domain_gpus` where NVLink joins several, or take the `flex` dispatcher.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `RankGenerator` (expert order etp-ep-edp-pp); it does not look at
///   nodes.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertGroupAcrossNodes: Rule {
  static let code: DiagnosticCode = "GPU-14"
  static let title = "an expert-parallel group leaves NVLink"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let near = NVLinkDomain(run.config.cluster, worldSize: run.worldSize)
    guard near.isSmaller, run.sizes.expert > 1, run.expertDataParallelSize != nil, run.hasMoELayer,
      run.config.model.moeTokenDispatcherType != .flex
    else { return }
    // Of a size that no group can have MOE-02 speaks.
    guard let experts = run.config.model.numMoEExperts, experts % run.sizes.expert == 0 else { return }
    let (expert, expertTensor) = (run.sizes.expert, run.sizes.expertTensor)
    let group = expertTensor * expert
    guard near.gpus % group != 0 else { return }
    report.warning(
      at: Path.parallelism.expertModelParallelSize,
      """
      one set of experts takes ETP \(expertTensor) x EP \(expert) = \(group) GPUs, which do not fit into \
      \(near.plural) of \(near.gpus): every MoE layer sends its tokens between \(near.plural)
      """,
      related: [
        near.related,
        (Path.parallelism.expertTensorParallelSize, "ETP \(expertTensor)"),
      ],
      help: {
        guard expertTensor <= near.gpus, near.gpus % expertTensor == 0 else {
          return "moe_token_dispatcher_type flex is made for it"
        }
        let fitting = divisors(of: near.gpus / expertTensor).filter { experts % $0 == 0 }
        return """
          EP that stays within \(near.one): \
          \(Help.list([fitting.last { $0 <= expert }, fitting.first { $0 >= expert }].compactMap { $0 })); or \
          moe_token_dispatcher_type flex
          """
      })
  }
}
