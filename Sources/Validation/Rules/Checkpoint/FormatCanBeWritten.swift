import Diagnostics
import LaunchModel

/// # CKPT-01: the format can be written
///
/// ## What
/// `ckpt_format: zarr` is accepted at start-up, but Megatron-Core 0.16.1 has no such format any more.
///
/// ## Why
/// The first save ends the run, after hours of work.
///
/// ## Example
/// ```yaml
/// checkpoint: {ckpt_format: zarr}
/// ```
///
/// ## Fix
/// `torch_dist`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `dist_checkpointing/serialization.py`; megatron-bridge 0.3.1
///   `training/checkpointing.py`.
enum FormatCanBeWritten: Rule {
  static let code: DiagnosticCode = "CKPT-01"
  static let title = "the format can be written"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    guard checkpoint.ckptFormat == .zarr, !checkpoint.asyncSave, run.config.dist.useGlooProcessGroups,
      checkpoint.save != nil || checkpoint.load != nil
    else { return }
    report.warning(
      at: Path.checkpoint.ckptFormat,
      "Megatron-Core \(run.release.megatronCore) cannot write `zarr`: the run starts, and ends at its first save",
      related: [(Path.checkpoint.save, "saves here")],
      fix: .unsafe("make it `torch_dist`", (Path.checkpoint.ckptFormat, .string("torch_dist"))))
  }
}
