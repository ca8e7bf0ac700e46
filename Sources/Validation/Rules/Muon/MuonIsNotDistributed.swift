import Diagnostics
import Releases

/// # MUON-03: Muon excludes the distributed optimizer
///
/// ## What
/// `muon` and `dist_muon` need `use_distributed_optimizer` off, in `optimizer` and in `ddp`: either sets the other. From
/// 0.5.1 on Megatron no longer refuses plain `muon` there, which is then a warning, as are `adaptive_muon`, `soap` and
/// `lion`.
///
/// ## Why
/// The distributed optimizer cuts weights into pieces of a buffer; Muon needs whole matrices. `dist_muon` spreads whole
/// matrices over the replicas by itself. Where plain `muon` is let through, it steps on gradients of which each replica has
/// reduced a part only, so that replicas drift apart.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: dist_muon}
/// ddp: {use_distributed_optimizer: true}
/// ```
///
/// ## Fix
/// Switch it off at both places.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`, `get_megatron_muon_optimizer`.
/// - 0.5.1: megatron-core 0.18.2, `optimizer/__init__.py`, `_get_megatron_emerging_optimizer`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MuonIsNotDistributed: Rule {
  static let code: DiagnosticCode = "MUON-03"
  static let title = "Muon excludes the distributed optimizer"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.optimizer.optimizer.isEmerging, run.overlap.effective.useDistributedOptimizer else { return }
    let (kind, isLayerWise) = (run.config.optimizer.optimizer, run.config.optimizer.isLayerWise)
    let isRefused = isLayerWise || run.release.refusesMuonOnDistributedOptimizer
    DistributedSwitch.report(
      isRefused ? .error : .warning, run,
      isRefused
        ? "`\(kind.rawValue)` cannot run on the distributed optimizer, which cuts matrices to pieces"
        : "each replica of the distributed optimizer has a part of the gradients reduced; plain `\(kind.rawValue)` steps on all of them, unreduced ones too",
      help: """
        \(isLayerWise ? "" : "`\(layerWise(run.release))` spreads whole matrices over the replicas instead; ")\
        `\(MuonIsThePapers.recipe)` has all that Muon wants
        """, &report)
  }

  /// What asks for whole matrices over the replicas.
  static func layerWise(_ release: Release) -> String {
    release.hasLayerWiseSwitch ? "use_layer_wise_distributed_optimizer" : "dist_muon"
  }
}
