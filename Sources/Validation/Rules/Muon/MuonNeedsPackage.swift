import Diagnostics
import LaunchModel

/// # MUON-02: Muon needs a package of its own
///
/// ## What
/// On a cluster Megatron's Muon needs the Python package `emerging_optimizers`.
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
enum MuonNeedsPackage: Rule {
  static let code: DiagnosticCode = "MUON-02"
  static let title = "Muon needs a package of its own"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.worldSize > 1, run.config.optimizer.optimizer.isMuon else { return }
    report.note(
      at: Path.optimizer.optimizer, "Megatron's Muon needs the Python package `emerging_optimizers` on every node")
  }
}
