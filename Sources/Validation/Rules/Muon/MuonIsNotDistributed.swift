import Diagnostics

/// # MUON-03: Muon excludes the distributed optimizer
///
/// ## What
/// `muon` and `dist_muon` need `use_distributed_optimizer` off, in `optimizer` and in `ddp`: either sets the other.
///
/// ## Why
/// The distributed optimizer cuts weights into pieces of a buffer; Muon needs whole matrices. `dist_muon` spreads whole
/// matrices over the replicas by itself.
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
enum MuonIsNotDistributed: Rule {
  static let code: DiagnosticCode = "MUON-03"
  static let title = "Muon excludes the distributed optimizer"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.optimizer.optimizer.isMuon, run.overlap.effective.useDistributedOptimizer else { return }
    let kind = run.config.optimizer.optimizer
    DistributedSwitch.refuse(
      run, "`\(kind.rawValue)` cannot run on the distributed optimizer, which cuts matrices to pieces",
      help: """
        \(kind == .muon ? "`dist_muon` spreads whole matrices over the replicas instead; " : "")\
        `\(MuonIsThePapers.recipe)` has all that Muon wants
        """, &report)
  }
}
