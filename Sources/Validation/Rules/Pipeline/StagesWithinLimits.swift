import Diagnostics
import LaunchModel
import Topology

/// # PIPE-00: more stages or layers than anything that runs
///
/// ## What
/// PP x VP is at most 4096, and the model has at most 100000 layers.
///
/// ## Why
/// This program's own limit, far above any cluster: it keeps a slip of the finger from filling the memory.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 100000}
/// ```
///
/// ## Fix
/// Write the size that was meant.
///
/// ## Source
/// None of Megatron's; this program's.
enum StagesWithinLimits: Rule {
  static let code: DiagnosticCode = "PIPE-00"
  static let title = "more stages or layers than anything that runs"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    for violation in run.splitViolations(of: Self.self) {
      switch violation {
      case .tooManyStages(let pipeline, let virtual):
        report.error(
          at: Path.parallelism.pipelineModelParallelSize,
          "PP \(pipeline) x VP \(virtual) makes more than \(TopologyLimits.stages) stages",
          related: [run.virtualPipelineRelated])
      case .mtpNumLayersOutOfRange(let layers):
        report.error(at: Path.model.mtpNumLayers, "\(layers) MTP layers are more than \(TopologyLimits.elements)")
      default:
        report.error(
          at: Path.model.numLayers, "\(run.architecture.numLayers) layers are more than \(TopologyLimits.elements)")
      }
    }
  }
}
