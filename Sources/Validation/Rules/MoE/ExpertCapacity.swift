import Diagnostics
import LaunchModel

/// # MOE-24: the capacity of experts
///
/// ## What
/// `moe_expert_capacity_factor` goes with balancing by `aux_loss`, `seq_aux_loss`, `global_aux_loss` or `none`, not
/// with `sinkhorn` or `quantile_balancing`. A negative factor means null, and one below 1 drops tokens of any router. `moe_pad_expert_input_to_capacity` needs a factor.
///
/// ## Why
/// Tokens over the capacity are dropped by their scores, which Sinkhorn has changed.
///
/// ## Example
/// ```yaml
/// model: {moe_pad_expert_input_to_capacity: true, moe_expert_capacity_factor: null}
/// ```
///
/// ## Fix
/// Write a factor such as 1.0, or turn the padding off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertCapacity: Rule {
  static let code: DiagnosticCode = "MOE-24"
  static let title = "the capacity of experts"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let path = Path.model.moeExpertCapacityFactor
    let factor = model.moeExpertCapacityFactor
    guard factor != nil || model.moePadExpertInputToCapacity else { return }
    // The kind of balancing is checked for a negative factor, too.
    let changing = model.moeRouterLoadBalancingType.all.first { $0 == .sinkhorn || $0 == .quantileBalancing }
    if let factor, let changing {
      return report.error(
        at: path, "moe_expert_capacity_factor \(factor) drops tokens by scores that \(changing.rawValue) has changed",
        help: "write null, or balance by an auxiliary loss",
        related: [(Path.model.moeRouterLoadBalancingType, "\(changing.rawValue)")],
        fix: .unsafe("write null", (path, .null)))
    }
    if model.moePadExpertInputToCapacity, factor ?? -1 < 0 {
      return report.error(
        at: Path.model.moePadExpertInputToCapacity,
        """
        moe_pad_expert_input_to_capacity pads to a capacity, but moe_expert_capacity_factor is \
        \(factor.map { "\($0), which Megatron takes for null" } ?? "null")
        """,
        help: "write a factor such as 1.0, or turn the padding off",
        related: [(path, factor.map { "\($0)" } ?? "null")],
        fix: .unsafe("turn the padding off", (Path.model.moePadExpertInputToCapacity, false)))
    }
    guard let factor else { return }
    if factor >= 0, factor < 1, run.hasMoELayer {
      let dropped = ((1 - factor) * 100).rounded(.down)
      return report.warning(
        at: path,
        """
        an expert takes \(factor.hundredths) of its share of tokens: at least \(Int(dropped)) % of what the router sends is \
        dropped, however even it is
        """, help: "1.0 and more", related: [(Path.model.moeRouterTopK, "top \(run.architecture.moeRouterTopK)")],
        fix: .unsafe("drop no token", (path, .null)))
    }
    guard factor < 0 else { return }
    report.note(
      at: path, "Megatron takes moe_expert_capacity_factor \(factor) for null: no token is dropped", help: "write null")
  }
}
