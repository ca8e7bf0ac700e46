import ConfigDocument
import Diagnostics
import LaunchModel

/// # MOE-46: HybridEP's group is a whole number of NVLink domains
///
/// ## What
/// With the backend `hybridep` the ETP x EP GPUs of one set of experts are split into parts that NVLink joins. How many are in
/// a part, `NUM_OF_HYBRID_EP_RANKS_PER_NVLINK_DOMAIN` says in `env_vars`; where it is unset, the kernels find out, which
/// gives what NVLink joins (DeepEP before 20 January 2026 took 8). It must divide ETP x EP. A warning follows where it says more than NVLink joins, or less
/// than it could be: the GPUs of a node, `cluster.nvlink_domain_gpus` where that is written, or `NVLINK_DOMAIN_SIZE` with
/// `USE_MNNVL: "1"`.
///
/// ## Why
/// The buffer is made in the first step, and stops the run where the group is no whole number of parts. With more GPUs than
/// NVLink joins it writes into memory that it cannot reach; with fewer, neighbours talk over the network. The recipes of
/// Megatron-Bridge write 8 for their own EP, which stays behind where EP is overridden.
///
/// ## Example
/// ```yaml
/// parallelism: {expert_model_parallel_size: 4}
/// model: {moe_token_dispatcher_type: flex, moe_flex_dispatcher_backend: hybridep}
/// env_vars: {NUM_OF_HYBRID_EP_RANKS_PER_NVLINK_DOMAIN: "8"}
/// ```
///
/// ## Fix
/// The smaller one of ETP x EP and what NVLink joins, or nothing, and let the kernels find out.
///
/// ## Source
/// DeepEP, branch hybrid-ep at 94a9f8f (10 July 2026), `deep_ep/hybrid_ep_buffer.py`, `HybridEPBuffer.__init__`, and
/// `csrc/hybrid_ep/allocator/allocator.cu`, `detect_accessible_ranks` and `USE_MNNVL`. Nothing there reads `NVLINK_DOMAIN_SIZE`,
/// which Bridge's recipes write: it is taken as the word of who wrote it.
/// - 0.3.1: megatron-core 0.16.1 `moe/fused_a2a.py`, `init_hybrid_ep_buffer`; its Dockerfile builds whatever the branch is.
/// - 0.5.1: megatron-core 0.18.2, the same; megatron-bridge 0.5.1 `docker/Dockerfile.ci` builds DeepEP at 34152ae, where the same stands.
/// - 0.6.2: megatron-core 0.19.2, the same; megatron-bridge 0.6.2 `recipes/moonlight/h100/moonlight_16b.py`, `env_vars`. Which DeepEP its
///   image has is not public.
enum HybridEPDomains: Rule {
  static let code: DiagnosticCode = "MOE-46"
  static let title = "HybridEP's group is a whole number of NVLink domains"
  static let errorsDependOn: PlanAspects = [.tensor, .expert, .expertTensor]

  private static let ranks = FieldPath("env_vars", "NUM_OF_HYBRID_EP_RANKS_PER_NVLINK_DOMAIN")
  private static let domainSize = FieldPath("env_vars", "NVLINK_DOMAIN_SIZE")
  private static let joinsNodes = FieldPath("env_vars", "USE_MNNVL")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard run.hasMoELayer, model.moeTokenDispatcherType == .flex, model.moeFlexDispatcherBackend == .hybridep,
      !model.moeEnableDeepEP, run.expertDataParallelSize != nil
    else { return }
    let group = run.sizes.expertTensor * run.sizes.expert
    let joined = gpusJoined(in: run.config)
    guard let written = text(of: ranks, in: run.config) else {
      return checkFound(group, joined, run, &report)
    }
    guard let parts = Int(written), parts > 0 else {
      return report.error(
        at: ranks, "`\(written)` is no number of GPUs", help: "HybridEP reads it as one; leave it out, and it finds out"
      )
    }
    let related = groupRelated(run)
    let fitting = fittingSize(group, joined)
    guard group % parts == 0 else {
      return report.error(
        at: ranks,
        "HybridEP splits the \(group) GPUs of a set of experts into parts of \(parts): \(group) / \(parts) = \(Help.quotient(group, parts))",
        help: "make it \(fitting), or leave it out, and HybridEP finds out", related: related,
        fix: .unsafe("make it \(fitting)", (ranks, .string("\(fitting)"))))
    }
    guard parts != fitting, parts > joined || fitting % parts == 0, run.worldSize > 1 else { return }
    report.warning(
      at: ranks,
      parts > joined
        ? "\(parts) GPUs of a set of experts are to reach each other over NVLink, which joins \(joined)"
        : "\(parts) GPUs of a set of experts are taken for a part of their own, but NVLink joins \(fitting) of them",
      help: parts > joined
        ? "write `nvlink_domain_gpus` where NVLink joins several nodes; otherwise make it \(fitting)"
        : "make it \(fitting)",
      related: related + [(Path.cluster.gpusPerNode, "\(run.config.cluster.gpusPerNode) GPUs a node")],
      fix: .unsafe("make it \(fitting)", (ranks, .string("\(fitting)"))))
  }

  /// Where the kernels count the GPUs that they reach.
  private static func checkFound(_ group: Int, _ joined: Int, _ run: RunFacts, _ report: inout Report) {
    guard run.worldSize > joined, group > joined, group % joined != 0 else { return }
    report.error(
      at: Path.parallelism.expertModelParallelSize,
      """
      HybridEP splits the \(group) GPUs of a set of experts into parts that NVLink joins, which are \(joined): \
      \(group) / \(joined) = \(Help.quotient(group, joined))
      """,
      help: "take an EP that makes whole parts, or write `nvlink_domain_gpus` where NVLink joins several nodes",
      related: groupRelated(run) + [(Path.cluster.gpusPerNode, "\(run.config.cluster.gpusPerNode) GPUs a node")])
  }

  /// How many GPUs of a group are in one part where nothing says otherwise.
  private static func fittingSize(_ group: Int, _ joined: Int) -> Int {
    (1...max(1, min(group, joined))).last { group % $0 == 0 } ?? 1
  }

  private static func gpusJoined(in config: LaunchConfig) -> Int {
    let cluster = config.cluster
    if cluster.nvlinkDomainGPUs == nil, text(of: joinsNodes, in: config) == "1",
      let size = text(of: domainSize, in: config).flatMap({ Int($0) }), size > 0
    {
      return max(size, cluster.gpusPerNVLinkDomain)
    }
    return cluster.gpusPerNVLinkDomain
  }

  private static func text(of variable: FieldPath, in config: LaunchConfig) -> String? {
    switch config.envVars.carried(variable.field) {
    case .string(let text): text
    case .int(let number): "\(number)"
    default: nil
    }
  }

  private static func groupRelated(_ run: RunFacts) -> [RelatedField] {
    [
      (Path.parallelism.expertModelParallelSize, "EP \(run.sizes.expert)"),
      (Path.parallelism.expertTensorParallelSize, "ETP \(run.sizes.expertTensor)"),
    ]
  }
}
