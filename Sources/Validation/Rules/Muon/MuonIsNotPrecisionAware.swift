import Diagnostics
import LaunchModel

/// # MUON-05: Muon is not precision-aware
///
/// ## What
/// `muon` and `dist_muon` need `use_precision_aware_optimizer` off, and the formats of gradients, masters and moments
/// at fp32; `adaptive_muon`, `soap` and `lion` as well.
///
/// ## Why
/// Only Adam keeps its states in other formats.
///
/// ## Example
/// ```yaml
/// extends: moonlight_16b_pretrain_config   # precision-aware
/// optimizer: {optimizer: dist_muon}
/// ```
///
/// ## Fix
/// Begin with `extends: moonlight_16b_pretrain_muon_config`, or switch it off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MuonIsNotPrecisionAware: Rule {
  static let code: DiagnosticCode = "MUON-05"
  static let title = "Muon is not precision-aware"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.usePrecisionAwareOptimizer, optimizer.optimizer.isEmerging else { return }
    report.error(
      at: Path.optimizer.usePrecisionAwareOptimizer,
      "the precision-aware optimizer is Adam; this run has `\(optimizer.optimizer.rawValue)`",
      help: """
        then gradients, masters and moments must be fp32 (OPT-04); `\(MuonIsThePapers.recipe)` has all that Muon wants
        """,
      related: [(Path.optimizer.optimizer, "`\(optimizer.optimizer.rawValue)`")], fix: PlainFormats.fix)
  }
}
