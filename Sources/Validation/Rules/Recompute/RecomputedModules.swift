import Diagnostics
import LaunchModel

/// # RECOMP-08: parts that can be recomputed
///
/// ## What
/// With `recompute_granularity: selective`, the module `moe_act` needs `moe_grouped_gemm`, `mla_up_proj` needs
/// multi-latent attention, and `shared_experts` excludes `moe_shared_expert_overlap`.
///
/// ## Why
/// The part must exist, and overlapped shared experts run on a stream of their own.
///
/// ## Example
/// ```yaml
/// model: {moe_shared_expert_overlap: true}
/// recompute: {recompute_granularity: selective, recompute_modules: [core_attn, shared_experts]}
/// ```
///
/// ## Fix
/// Remove the module, or the setting that excludes it.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum RecomputedModules: Rule {
  static let code: DiagnosticCode = "RECOMP-08"
  static let title = "parts that can be recomputed"
  static let errorsDependOn: PlanAspects = .recompute

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (model, recompute) = (run.config.model, run.config.recompute)
    guard recompute.recomputeGranularity == .selective, let modules = recompute.recomputeModules else { return }
    let path = Path.recompute.recomputeModules
    func without(_ module: RecomputeModule) -> FieldFix {
      .unsafe("remove \(module.rawValue)", (path, modules.filter { $0 != module }.configValue))
    }
    if modules.contains(.moeActivation), !model.moeGroupedGEMM {
      report.error(
        at: path, "the module moe_act is a part of grouped experts, but moe_grouped_gemm is off",
        help: "remove it, or turn moe_grouped_gemm on", related: [(Path.model.moeGroupedGEMM, "off")],
        fix: without(.moeActivation))
    }
    if modules.contains(.mlaUpProjection), !model.multiLatentAttention {
      report.error(
        at: path, "the module mla_up_proj is a part of multi-latent attention, which is off", help: "remove it",
        related: [(Path.model.multiLatentAttention, "off")], fix: without(.mlaUpProjection))
    }
    if modules.contains(.sharedExperts), run.hasSharedExperts, model.moeSharedExpertOverlap {
      report.error(
        at: path, "shared experts that overlap with communication cannot be recomputed",
        help: "remove shared_experts, or turn moe_shared_expert_overlap off",
        related: [(Path.model.moeSharedExpertOverlap, "on"), run.sharedExpertsRelated], fix: without(.sharedExperts))
    }
  }
}
