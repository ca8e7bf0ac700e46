import Diagnostics
import LaunchModel

/// # MUON-02: Muon needs a package of its own
///
/// ## What
/// On a cluster Megatron's Muon needs the Python package `emerging_optimizers`; so do `adaptive_muon`, `soap` and `lion`.
///
/// ## Why
/// It is no dependency of Megatron-Core; without it the run ends when the optimizer is built.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: dist_muon}
/// ```
///
/// ## Fix
/// Install it in the image. The CPU engine of this package has its own Muon.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`.
/// - 0.5.1: megatron-core 0.18.2 `optimizer/__init__.py`, `_get_megatron_emerging_optimizer`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MuonNeedsPackage: Rule {
  static let code: DiagnosticCode = "MUON-02"
  static let title = "Muon needs a package of its own"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let kind = run.config.optimizer.optimizer
    guard run.worldSize > 1, kind.isEmerging else { return }
    let name = kind.isMuon ? "Megatron's Muon" : "`\(kind.rawValue)`"
    let keepsMore = kind == .soap || kind == .distributedSOAP
    report.note(
      at: Path.optimizer.optimizer, "\(name) needs the Python package `emerging_optimizers` on every node",
      help: keepsMore ? "the preconditioners that it keeps of each matrix are in no estimate" : nil)
  }
}
