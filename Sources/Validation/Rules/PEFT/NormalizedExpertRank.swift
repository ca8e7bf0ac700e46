import Diagnostics
import LaunchModel
import Releases

/// # PEFT-27: the rank of expert adapters divides by the experts of a token
///
/// ## What
/// With `peft.normalize_moe_lora` routed experts get adapters of rank `dim / moe_router_topk`: `dim` must be a multiple of
/// `moe_router_topk`, where an adapter stands on experts at all.
///
/// ## Why
/// A token passes so many experts, whose adapters are to weigh as much as one elsewhere.
///
/// ## Example
/// ```yaml
/// peft: {normalize_moe_lora: true, dim: 32, target_modules: [linear_fc1]}   # top 6
/// ```
///
/// ## Fix
/// A rank that is a multiple of `moe_router_topk`; 36 for Moonlight.
///
/// ## Source
/// - 0.5.1: megatron-bridge 0.5.1 `peft/utils.py`, `get_effective_lora_dim`.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum NormalizedExpertRank: Rule {
  static let code: DiagnosticCode = "PEFT-27"
  static let title = "the rank of expert adapters divides by the experts of a token"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    let path = FieldPath("peft", "normalize_moe_lora")
    guard peft.isPresent, !peft.storage.carried.isEmpty, peft.isOn(path.field) else { return }
    let top = run.architecture.moeRouterTopK
    guard top > 0, peft.dim % top != 0, let module = run.adapterSelection.first(where: { $0.module.isExpert })?.module
    else { return }
    let nearest = Help.neighbours(of: peft.dim, multipleOf: top).above
    report.error(
      at: Path.peft.dim, "adapters of experts get rank \(peft.dim) / top \(top) = \(Help.quotient(peft.dim, top))",
      help: "nearest: \(Help.multiples(of: top, near: peft.dim))",
      related: [(path, "on"), run.topKRelated, (Path.peft.targetModules, "`\(module.name)`")],
      fix: .unsafe("make it \(nearest)", (Path.peft.dim, .int(nearest))))
  }
}
