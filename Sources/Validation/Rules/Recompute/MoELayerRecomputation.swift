import Diagnostics
import LaunchModel

/// # RECOMP-10: moe_layer_recompute is deprecated
///
/// ## What
/// `moe_layer_recompute` cannot stand beside full recomputation. Otherwise Megatron sets `recompute_granularity` to
/// `selective` and adds `moe` to the modules.
///
/// ## Why
/// It is the old way to write that module.
///
/// ## Example
/// ```yaml
/// model: {moe_layer_recompute: true}
/// ```
///
/// ## Fix
/// Write `recompute_granularity: selective` and `recompute_modules: [core_attn, moe]`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MoELayerRecomputation: Rule {
  static let code: DiagnosticCode = "RECOMP-10"
  static let title = "moe_layer_recompute is deprecated"
  static let errorsDependOn: PlanAspects = .recompute

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.moeLayerRecompute else { return }
    let (path, recompute) = (Path.model.moeLayerRecompute, run.config.recompute)
    if recompute.recomputeGranularity == .full {
      report.error(
        at: path, "full recomputation covers MoE layers, and Megatron refuses moe_layer_recompute beside it",
        help: "turn it off", related: [(Path.recompute.recomputeGranularity, "full")],
        fix: .safe("turn it off", (path, false)))
    } else {
      let modules = (recompute.recomputeModules ?? [.coreAttention]).filter { $0 != .moe } + [.moe]
      report.note(
        at: path,
        """
        Megatron sets recompute_granularity to selective and recompute_modules to \
        [\(modules.map(\.rawValue).joined(separator: ", "))]
        """,
        help: "write these two instead",
        related: [(Path.recompute.recomputeGranularity, "\(recompute.recomputeGranularity?.rawValue ?? "null")")])
    }
  }
}
