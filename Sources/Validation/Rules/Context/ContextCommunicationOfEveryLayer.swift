import Diagnostics
import LaunchModel

/// # CP-03: a list of context-parallel communications has one entry a layer
///
/// ## What
/// With context parallelism, `cp_comm_type` is one word for all layers, or a list with one word a layer.
///
/// ## Why
/// Every layer looks its own entry up.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27}
/// parallelism: {context_parallel_size: 2, cp_comm_type: [p2p, a2a]}
/// ```
///
/// ## Fix
/// Write one word, or `num_layers` of them.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ContextCommunicationOfEveryLayer: Rule {
  static let code: DiagnosticCode = "CP-03"
  static let title = "a list of context-parallel communications has one entry a layer"
  static let errorsDependOn: PlanAspects = .context

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.context > 1, case .many(let kinds)? = run.config.parallelism.contextParallelCommunication,
      kinds.count != run.architecture.numLayers
    else { return }
    report.error(
      at: Path.parallelism.contextParallelCommunication,
      """
      cp_comm_type lists \(kinds.count) communications, but the model has \
      \(Help.count(run.architecture.numLayers, "layer"))
      """,
      help: "write one word for all layers, or one for each",
      related: [(Path.model.numLayers, "\(Help.count(run.architecture.numLayers, "layer"))")])
  }
}
