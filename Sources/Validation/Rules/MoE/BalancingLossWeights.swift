import Diagnostics
import LaunchModel

/// # MOE-13: each balancing loss has its weight
///
/// ## What
/// Where `moe_router_load_balancing_type` is a list, `moe_aux_loss_coeff` is a list of the same length; where it is one
/// word, `moe_aux_loss_coeff` is one number.
///
/// ## Why
/// The weights belong to the losses one by one. A list of weights for a single loss fails when the router is built or
/// first used.
///
/// ## Example
/// ```yaml
/// model: {moe_router_load_balancing_type: [seq_aux_loss, global_aux_loss], moe_aux_loss_coeff: 0.001}
/// ```
///
/// ## Fix
/// Write one weight for each.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; `moe/router.py`, `get_aux_loss_coeff`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum BalancingLossWeights: Rule {
  static let code: DiagnosticCode = "MOE-13"
  static let title = "each balancing loss has its weight"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let path = Path.model.moeAuxLossCoefficient
    switch (run.config.model.moeRouterLoadBalancingType, run.config.model.moeAuxLossCoefficient) {
    case (.one, .one): return
    case (.many(let kinds), .many(let weights)) where kinds.count == weights.count: return
    case (.many(let kinds), let weights):
      let given =
        if case .many(let numbers) = weights { "is a list of \(numbers.count)" } else { "is a single number" }
      report.error(
        at: path,
        """
        moe_router_load_balancing_type lists \(kinds.count == 1 ? "1 loss" : "\(kinds.count) losses"), but \
        moe_aux_loss_coeff \(given)
        """,
        help: "write a list of \(Help.count(kinds.count, "weight"))",
        related: [(Path.model.moeRouterLoadBalancingType, "\(kinds.map(\.rawValue).joined(separator: ", "))")])
    case (.one(let kind), .many(let weights)):
      guard run.hasMoELayer, kind != .none, kind != .sinkhorn, kind != .quantileBalancing else { return }
      report.error(
        at: path, "moe_aux_loss_coeff is a list of \(weights.count), but there is one loss, \(kind.rawValue)",
        help: "write one number", related: [(Path.model.moeRouterLoadBalancingType, "\(kind.rawValue)")])
    }
  }
}
