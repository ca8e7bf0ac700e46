import ConfigDocument
import Diagnostics
import LaunchModel

/// # MOE-36: forced routing is for benchmarks
///
/// ## What
/// `moe_router_force_load_balancing` replaces the router's logits by random numbers, so that every token goes to experts
/// drawn at random; `moe_router_force_biased` does so too, and prefers some experts by chance.
///
/// ## Why
/// They make speed independent of the data. On real data each expert is trained on tokens that the router will never send
/// it, and the router, whose logits are thrown away, on gradients that are not its own.
///
/// ## Example
/// ```yaml
/// model: {moe_router_force_load_balancing: true}
/// dataset: {data_paths: [/data/a_text_document]}
/// ```
///
/// ## Fix
/// Leave it out, or measure with `dataset: {kind: mock}`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/moe/router.py`, `forward`; `moe_utils.py`, `apply_random_logits`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same, and `apply_biased_logits`.
enum RoutingIsForBenchmarks: Rule {
  static let code: DiagnosticCode = "MOE-36"
  static let title = "forced routing is for benchmarks"
  static let errorsDependOn: PlanAspects = []

  private static let biased = FieldPath("model", "moe_router_force_biased")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let bias = model.carried(biased.field) ?? .null
    guard model.moeRouterForceLoadBalancing || bias != .null, run.hasMoELayer, run.config.dataset.kind != .mock
    else { return }
    let path = model.moeRouterForceLoadBalancing ? Path.model.moeRouterForceLoadBalancing : biased
    report.warning(
      at: path,
      """
      `\(name: path)` is for benchmarks: each token goes to \(run.architecture.moeRouterTopK) of \
      \(run.architecture.numMoEExperts) experts at random, whatever the router makes of these data
      """,
      help: "leave it out, or measure with `\(Path.dataset.kind): mock`",
      related: [(Path.dataset.kind, "`\(run.config.dataset.kind.rawValue)`")],
      fix: .unsafe("leave it out", (path, path == biased ? .null : .bool(false))))
  }
}
