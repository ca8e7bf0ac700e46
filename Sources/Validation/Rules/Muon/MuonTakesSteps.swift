import Diagnostics
import LaunchModel

/// # MUON-06: Muon takes at least one Newton-Schulz step
///
/// ## What
/// `muon_num_ns_steps` must be at least 1.
///
/// ## Why
/// Without a step the update is not orthogonalised at all.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: muon, muon_num_ns_steps: 0}
/// ```
///
/// ## Fix
/// 5, as in the paper.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`, `TensorParallelMuon`.
/// - 0.5.1: megatron-core 0.18.2 `optimizer/emerging_optimizers.py`, `TensorParallelMuon`.
/// - 0.6.2: megatron-core 0.19.2 `optimizer/emerging_optimizers.py`, `TensorParallelMuon`.
enum MuonTakesSteps: Rule {
  static let code: DiagnosticCode = "MUON-06"
  static let title = "Muon takes at least one Newton-Schulz step"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.muonNumNSSteps < 1, optimizer.optimizer.isMuon else { return }
    report.error(
      at: Path.optimizer.muonNumNSSteps, "Muon needs at least 1 Newton-Schulz step, not \(optimizer.muonNumNSSteps)",
      help: "the paper takes 5", related: [(Path.optimizer.optimizer, "`\(optimizer.optimizer.rawValue)`")],
      fix: .unsafe("make it 5", (Path.optimizer.muonNumNSSteps, .int(5))))
  }
}
