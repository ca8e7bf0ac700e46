import Diagnostics
import LaunchModel
import Releases

/// # CG-03: graphs for inference are of the kind that is made
///
/// ## What
/// `inference_cuda_graph_scope` is `layer` or `block` with `cuda_graph_impl: local`, and `none` with every other kind.
///
/// ## Why
/// Only `local` makes graphs that run without gradients.
///
/// ## Example
/// ```yaml
/// model: {cuda_graph_impl: none, inference_cuda_graph_scope: block}
/// ```
///
/// ## Fix
/// Remove it; training has no use for it.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `transformer/cuda_graph_config.py`, `ALLOWED_INFERENCE_SCOPES`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum InferenceGraphsFit: Rule {
  static let code: DiagnosticCode = "CG-03"
  static let title = "graphs for inference are of the kind that is made"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let path = CapturedGraph.inferencePath
    guard !model.storage.carried.isEmpty, let scope = model.text(path.field), let graph = try? CapturedGraph(run) else {
      return
    }
    let isLocal = graph.kind == .local
    guard isLocal == (scope == "none") else { return }
    report.error(
      at: path,
      isLocal
        ? "graphs of `local` are made of layers or blocks for inference as well, not of `\(scope)`"
        : "graphs of `\(graph.kind.rawValue)` run no inference, so that `\(scope)` has nothing to capture",
      help: "remove it", related: [(Path.model.cudaGraphImplementation, "\(graph.kind.rawValue)")],
      fix: .unsafe("remove it", (path, nil)))
  }
}
