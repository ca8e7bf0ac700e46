import Diagnostics
import LaunchModel
import Releases

/// # DDP-06: parameters are named for fp32 accumulation where the rest has none
///
/// ## What
/// `ddp.param_name_patterns_for_fp32_local_accumulation` needs `grad_reduce_in_fp32` off, which `mixed_precision` decides.
///
/// ## Why
/// With it on, all gradients are kept in fp32 already.
///
/// ## Example
/// ```yaml
/// mixed_precision: {grad_reduce_in_fp32: true}
/// ddp: {param_name_patterns_for_fp32_local_accumulation: [router]}
/// ```
///
/// ## Fix
/// Remove the patterns, or reduce in bf16.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `distributed/distributed_data_parallel_config.py`, `__post_init__`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum NamedAccumulation: Rule {
  static let code: DiagnosticCode = "DDP-06"
  static let title = "parameters are named for fp32 accumulation where the rest has none"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (ddp, mixed) = (run.config.ddp, run.config.mixedPrecision)
    let path = FieldPath("ddp", "param_name_patterns_for_fp32_local_accumulation")
    guard !ddp.storage.carried.isEmpty, !ddp.words(path.field).isEmpty else { return }
    guard mixed.isPresent ? mixed.gradReduceInFP32 : ddp.gradReduceInFP32 else { return }
    report.error(
      at: path, "some gradients are to be accumulated in fp32, but all of them are already", help: "remove it",
      related: [(mixed.isPresent ? Path.mixedPrecision.gradReduceInFP32 : Path.ddp.gradReduceInFP32, "on")],
      fix: .unsafe("remove it", (path, nil)))
  }
}
