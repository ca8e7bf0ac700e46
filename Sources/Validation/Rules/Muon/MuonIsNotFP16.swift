import Diagnostics
import LaunchModel

/// # MUON-04: Muon excludes fp16
///
/// ## What
/// `muon` and `dist_muon` need bf16 or fp32, and so do `adaptive_muon`, `soap` and `lion`.
///
/// ## Why
/// Megatron's Muon has no loss scaling.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: muon}
/// mixed_precision: fp16_mixed
/// ```
///
/// ## Fix
/// `mixed_precision: bf16_mixed`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`, `get_megatron_muon_optimizer`.
/// - 0.5.1: megatron-core 0.18.2 `optimizer/__init__.py`, `_get_megatron_emerging_optimizer`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MuonIsNotFP16: Rule {
  static let code: DiagnosticCode = "MUON-04"
  static let title = "Muon excludes fp16"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.optimizer.isEmerging else { return }
    let mixed = run.config.mixedPrecision
    guard mixed.isPresent ? mixed.fp16 : optimizer.carried("fp16") == .bool(true) else { return }
    report.error(
      at: mixed.isPresent ? Path.mixedPrecision.fp16 : FieldPath("optimizer", "fp16"),
      "\(optimizer.optimizer.isMuon ? "Megatron's Muon" : "`\(optimizer.optimizer.rawValue)`") has no loss scaling, so it does not run in fp16",
      help: "`mixed_precision: bf16_mixed`", related: [(Path.optimizer.optimizer, "`\(optimizer.optimizer.rawValue)`")])
  }
}
