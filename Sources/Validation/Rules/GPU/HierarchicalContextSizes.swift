import Diagnostics
import LaunchModel

/// # GPU-08: the levels of context parallelism multiply to its size
///
/// ## What
/// The product of `hierarchical_context_parallel_sizes`, where it is given, must be `context_parallel_size`. The
/// communication `a2a+p2p` needs it; without it the layers get no context-parallel group, which is a warning.
///
/// ## Why
/// Each level is a group of its own within the context-parallel group.
///
/// ## Example
/// ```yaml
/// parallelism: {context_parallel_size: 4, hierarchical_context_parallel_sizes: [2, 4]}   # 8, not 4
/// ```
///
/// ## Fix
/// Change one of the two.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum HierarchicalContextSizes: Rule {
  static let code: DiagnosticCode = "GPU-08"
  static let title = "the levels of context parallelism multiply to its size"
  static let errorsDependOn: PlanAspects = .context

  static func check(_ run: RunFacts, _ report: inout Report) {
    let parallelism = run.config.parallelism
    let path = Path.parallelism.hierarchicalContextParallelSizes
    guard let sizes = parallelism.hierarchicalContextParallelSizes else {
      guard run.sizes.context > 1, let kinds = parallelism.contextParallelCommunication, kinds.all.contains("a2a+p2p")
      else { return }
      return report.add(
        run.release.hierarchicalContextNeedsSizes ? .error : .warning,
        at: Path.parallelism.contextParallelCommunication,
        "cp_comm_type a2a+p2p works on hierarchical_context_parallel_sizes, which is not set",
        help: "give the sizes of the two levels, such as [2, \(max(1, run.sizes.context / 2))], or take p2p",
        related: [(path, "not set")])
    }
    let product = sizes.reduce(1) { $0.multipliedReportingOverflow(by: $1).overflow ? Int.max : $0 * $1 }
    guard product != run.sizes.context else { return }
    let shown = sizes.prefix(8).map(String.init).joined(separator: " x ")
    report.error(
      at: path,
      """
      hierarchical_context_parallel_sizes multiply to \(sizes.count > 1 ? "\(shown) = " : "")\(product), but CP is \
      \(run.sizes.context)
      """,
      help: "CP \(run.sizes.context) splits into [\(run.sizes.context)], or into two factors",
      related: [(Path.parallelism.contextParallelSize, "CP \(run.sizes.context)")])
  }
}
