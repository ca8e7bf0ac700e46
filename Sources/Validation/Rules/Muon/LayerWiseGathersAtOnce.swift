import Diagnostics
import LaunchModel
import Releases

/// # MUON-14: the layer-wise optimizer gathers all chunks at once
///
/// ## What
/// `dist_muon`, like every `dist_` kind, or Muon with `use_layer_wise_distributed_optimizer`, excludes
/// `overlap_param_gather_with_optimizer_step`, in `optimizer` or, where that section has the last word, in
/// `comm_overlap`.
///
/// ## Why
/// The overlap gathers the weights of the first model chunk early; the layer-wise optimizer does not take the chunks apart.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: dist_muon, overlap_param_gather_with_optimizer_step: true}
/// ```
///
/// ## Fix
/// Turn it off.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2, `optimizer/__init__.py`, `_get_megatron_emerging_optimizer`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayerWiseGathersAtOnce: Rule {
  static let code: DiagnosticCode = "MUON-14"
  static let title = "the layer-wise optimizer gathers all chunks at once"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.optimizer.isLayerWise else { return }
    let byOverlap = run.overlap.effective.replacesDDP
    let path = FieldPath(byOverlap ? "comm_overlap" : "optimizer", "overlap_param_gather_with_optimizer_step")
    let value = byOverlap ? run.config.commOverlap.carried(path.field) : run.config.optimizer.carried(path.field)
    guard value == .bool(true) else { return }
    report.error(
      at: path, "weights are to be gathered early, but the layer-wise optimizer gathers all model chunks at once",
      help: "turn it off",
      related: [(Path.optimizer.optimizer, "`\(run.config.optimizer.optimizer.rawValue)`")],
      fix: .safe("turn it off", (path, .bool(false))))
  }
}
