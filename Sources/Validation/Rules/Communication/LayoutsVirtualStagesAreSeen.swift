import Diagnostics
import LaunchModel

/// # COMM-03: virtual stages that only a layout names are not overlapped
///
/// ## What
/// A layout of more stages than PP makes a virtual pipeline without `virtual_pipeline_model_parallel_size`. But
/// `comm_overlap` has been applied before the layout is read, as if there were none.
///
/// ## Why
/// The interleaved schedule then runs without overlapping its transfers, of which it has more.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 2, pipeline_model_parallel_layout: "Et*7|t*7|t*7|t*6L"}
/// ```
///
/// ## Fix
/// Write the virtual size that follows from the layout.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`; megatron-core 0.16.1 `transformer/transformer_config.py`.
/// - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
enum LayoutsVirtualStagesAreSeen: Rule {
  static let code: DiagnosticCode = "COMM-03"
  static let title = "virtual stages that only a layout names are not overlapped"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.virtualPipeline == nil, run.layout != nil, let chunks = run.virtualPipelineSize, chunks > 1,
      run.sizes.pipeline > 1, run.overlap.isFromSection, run.config.commOverlap.overlapP2PComm == nil
    else { return }
    report.warning(
      at: Path.parallelism.pipelineModelParallelLayout,
      "this layout makes \(chunks) virtual stages on each of PP \(run.sizes.pipeline) ranks, but `comm_overlap` does not see them: their transfers are not overlapped",
      help: "`virtual_pipeline_model_parallel_size: \(chunks)` makes no other difference",
      related: [
        (Path.parallelism.virtualPipelineModelParallelSize, "null"),
        (Path.parallelism.pipelineModelParallelSize, "PP \(run.sizes.pipeline)"),
      ], fix: .safe("write the virtual size", (Path.parallelism.virtualPipelineModelParallelSize, .int(chunks))))
  }
}
