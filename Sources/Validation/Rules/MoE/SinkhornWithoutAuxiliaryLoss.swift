import Diagnostics
import LaunchModel

/// # MOE-15: sinkhorn excludes auxiliary losses
///
/// ## What
/// With `moe_router_load_balancing_type: sinkhorn`, `moe_aux_loss_coeff` must be 0.
///
/// ## Why
/// Sinkhorn balances by itself, and refuses an auxiliary loss in the first routing.
///
/// ## Example
/// ```yaml
/// model: {moe_router_load_balancing_type: sinkhorn, moe_aux_loss_coeff: 0.001}
/// ```
///
/// ## Fix
/// Write 0.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `moe/router.py`, `sinkhorn_load_balancing`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SinkhornWithoutAuxiliaryLoss: Rule {
  static let code: DiagnosticCode = "MOE-15"
  static let title = "sinkhorn excludes auxiliary losses"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.hasMoELayer, run.config.model.moeRouterLoadBalancingType.only == .sinkhorn,
      run.config.model.moeAuxLossCoefficient.only != 0
    else { return }
    let path = Path.model.moeAuxLossCoefficient
    report.error(
      at: path, "sinkhorn balances the load by itself: moe_aux_loss_coeff must be 0", help: "write 0",
      related: [(Path.model.moeRouterLoadBalancingType, "sinkhorn")], fix: .unsafe("write 0", (path, 0)))
  }
}
