import Diagnostics
import LaunchModel
import Releases

/// # MUON-15: Muon knows its coefficients
///
/// ## What
/// `muon_coefficient_type` is one of the types of the package emerging-optimizers: `simple`, `quintic`, `polar_express`, `cans`,
/// `aol` or `deepseekv4`. Its seventh, `custom`, takes coefficients that no config can give.
///
/// ## Why
/// Megatron passes the name on, and the first step stops the run.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: muon, muon_coefficient_type: polar}
/// ```
///
/// ## Fix
/// `simple` is the paper's, `quintic` Megatron's default.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `optimizer/emerging_optimizers.py`, `TensorParallelMuon`; emerging_optimizers 0.3.0
///   `orthogonalized_optimizers/muon_utils.py`, `newton_schulz`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MuonCoefficientsAreKnown: Rule {
  static let code: DiagnosticCode = "MUON-15"
  static let title = "Muon knows its coefficients"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    let type = optimizer.muonCoefficientType
    guard optimizer.optimizer.isMuon, NewtonSchulzSchedule(type: type) == nil else { return }
    report.error(
      at: Path.optimizer.muonCoefficientType,
      type == "custom"
        ? "`custom` needs coefficients, which Megatron does not pass on" : "Muon has no coefficients `\(type)`",
      help: "the types: \(NewtonSchulzSchedule.types.joined(separator: ", "))",
      related: [(Path.optimizer.optimizer, "`\(optimizer.optimizer.rawValue)`")])
  }
}
