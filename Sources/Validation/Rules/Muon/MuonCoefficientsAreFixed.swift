import Diagnostics
import LaunchModel
import Releases

/// # MUON-11: Megatron-Core chooses the Newton-Schulz coefficients itself
///
/// ## What
/// `muon_coefficient_type` is no field of Megatron-Core before 0.18. Its Muon takes `quintic`, a schedule of five triples; the
/// paper's one triple is `simple`.
///
/// ## Why
/// On a cluster the written value has no effect until a later version knows the field; the CPU engine of this package
/// follows it.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: muon, muon_coefficient_type: simple}
/// ```
///
/// ## Fix
/// None is needed: both make nearly orthogonal updates. For the paper's exactly, take a Megatron-Core that has the field.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`, `get_megatron_muon_optimizer` (not among its arguments) and
///   `TensorParallelMuon` (default).
enum MuonCoefficientsAreFixed: Rule {
  static let code: DiagnosticCode = "MUON-11"
  static let title = "Megatron-Core chooses the Newton-Schulz coefficients itself"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.until(.bridge031)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard run.worldSize > 1, optimizer.optimizer.isMuon, optimizer.muonCoefficientType != "quintic" else { return }
    report.note(
      at: Path.optimizer.muonCoefficientType,
      """
      Megatron-Core \(run.release.megatronCore) has no such field: on a cluster Muon takes `quintic`, a schedule of \
      five triples, instead of `\(optimizer.muonCoefficientType)`
      """)
  }
}
