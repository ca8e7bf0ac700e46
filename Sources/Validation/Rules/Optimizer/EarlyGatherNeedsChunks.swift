import Diagnostics
import LaunchModel

/// # OPT-13: the early gather of the first chunk needs a second one
///
/// ## What
/// `overlap_param_gather_with_optimizer_step`, of `comm_overlap` where that is applied, of `optimizer` elsewhere, needs at
/// least two model chunks on a rank: a virtual pipeline. Muon does not look at it.
///
/// ## Why
/// The weights of the first chunk are gathered while the optimizer works on the others.
///
/// ## Example
/// ```yaml
/// comm_overlap: {overlap_param_gather_with_optimizer_step: true}   # PP 1
/// ```
///
/// ## Fix
/// Switch it off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/__init__.py`, `get_megatron_optimizer`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum EarlyGatherNeedsChunks: Rule {
  static let code: DiagnosticCode = "OPT-13"
  static let title = "the early gather of the first chunk needs a second one"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let byOverlap = run.overlap.effective.replacesDDP
    let name = "overlap_param_gather_with_optimizer_step"
    let isOn = (byOverlap ? run.config.commOverlap.carried(name) : run.config.optimizer.carried(name)) == .bool(true)
    // Muon's optimizer is made elsewhere, and does not look at it.
    guard isOn, !run.config.optimizer.optimizer.isEmerging,
      run.sizes.pipeline == 1 || (run.virtualPipelineSize ?? 1) < 2
    else { return }
    let path = FieldPath(byOverlap ? "comm_overlap" : "optimizer", name)
    report.error(
      at: path, "the weights of the first model chunk are to be gathered early, but each rank holds one chunk",
      related: [
        (Path.parallelism.pipelineModelParallelSize, "PP \(run.sizes.pipeline)"),
        (Path.parallelism.virtualPipelineModelParallelSize, run.virtualPipelineSize.map { "\($0)" } ?? "null"),
      ], fix: .unsafe("switch it off", (path, .bool(false))))
  }
}
