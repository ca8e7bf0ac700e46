import ConfigDocument
import Diagnostics
import LaunchModel

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
/// megatron-core 0.16.1 `optimizer/muon.py`, `get_megatron_muon_optimizer`.
enum MuonIsNotDistributed: Rule {
  static let code: DiagnosticCode = "MUON-03"
  static let title = "Muon excludes the distributed optimizer"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.optimizer.optimizer.isMuon, run.overlap.effective.useDistributedOptimizer else { return }
    guard !run.config.optimizer.usePrecisionAwareOptimizer else { return }
    let kind = run.config.optimizer.optimizer
    DistributedSwitch.refuse(
      run, "`\(kind.rawValue)` cannot run on the distributed optimizer, which cuts matrices to pieces",
      help: kind == .muon ? "`dist_muon` spreads whole matrices over the replicas instead" : nil, &report)
  }
}

/// # MUON-04: Muon excludes fp16
///
/// ## What
/// `muon` and `dist_muon` need bf16 or fp32.
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
/// megatron-core 0.16.1 `optimizer/muon.py`, `get_megatron_muon_optimizer`.
enum MuonIsNotFP16: Rule {
  static let code: DiagnosticCode = "MUON-04"
  static let title = "Muon excludes fp16"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.optimizer.isMuon else { return }
    let mixed = run.config.mixedPrecision
    guard mixed.isPresent ? mixed.fp16 : optimizer.carried("fp16") == .bool(true) else { return }
    report.error(
      at: mixed.isPresent ? Path.mixedPrecision.fp16 : FieldPath("optimizer", "fp16"),
      "Megatron's Muon has no loss scaling, so it does not run in fp16",
      help: "`mixed_precision: bf16_mixed`", related: [(Path.optimizer.optimizer, "`\(optimizer.optimizer.rawValue)`")])
  }
}

/// # MUON-05: Muon is not precision-aware
///
/// ## What
/// `muon` and `dist_muon` need `use_precision_aware_optimizer` off, and the formats of gradients, masters and moments
/// at fp32.
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
/// megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`.
enum MuonIsNotPrecisionAware: Rule {
  static let code: DiagnosticCode = "MUON-05"
  static let title = "Muon is not precision-aware"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.usePrecisionAwareOptimizer, optimizer.optimizer.isMuon else { return }
    let isDistributed = run.overlap.effective.useDistributedOptimizer
    report.error(
      at: Path.optimizer.usePrecisionAwareOptimizer,
      "the precision-aware optimizer is Adam; this run has `\(optimizer.optimizer.rawValue)`",
      help: isDistributed ? "Muon wants `use_distributed_optimizer` off as well, in `optimizer` and in `ddp`" : nil,
      related: [(Path.optimizer.optimizer, "`\(optimizer.optimizer.rawValue)`")], fix: PlainFormats.fix)
  }
}

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
/// megatron-core 0.16.1 `optimizer/muon.py`, `TensorParallelMuon`.
enum MuonTakesSteps: Rule {
  static let code: DiagnosticCode = "MUON-06"
  static let title = "Muon takes at least one Newton-Schulz step"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.muonNumNSSteps < 1, optimizer.optimizer.isMuon else { return }
    report.error(
      at: Path.optimizer.muonNumNSSteps, "Muon needs at least 1 Newton-Schulz step, not \(optimizer.muonNumNSSteps)",
      help: "the paper takes 5", related: [(Path.optimizer.optimizer, "`\(optimizer.optimizer.rawValue)`")],
      fix: .unsafe("make it 5", (Path.optimizer.muonNumNSSteps, .int(5))))
  }
}
