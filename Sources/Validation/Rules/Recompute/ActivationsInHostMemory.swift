import Diagnostics
import LaunchModel

/// # RECOMP-12: activations in host memory
///
/// ## What
/// `cpu_offloading` needs `cpu_offloading_num_layers` between 0 and `num_layers` - 1, no pipeline and no recomputation.
///
/// ## Why
/// The last layer's activations are needed at once. Pipelines and recomputation free activations in their own way.
///
/// ## Example
/// ```yaml
/// model: {cpu_offloading: true, cpu_offloading_num_layers: 27, num_layers: 27}
/// ```
///
/// ## Fix
/// Take fewer layers; write `recompute_granularity: null`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ActivationsInHostMemory: Rule {
  static let code: DiagnosticCode = "RECOMP-12"
  static let title = "activations in host memory"
  static let errorsDependOn: PlanAspects = [.pipeline, .recompute]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.cpuOffloading else { return }
    let (layers, path) = (model.cpuOffloadingNumLayers, Path.model.cpuOffloading)
    if layers < 0 || layers >= run.architecture.numLayers {
      report.error(
        at: Path.model.cpuOffloadingNumLayers,
        """
        cpu_offloading_num_layers is \(layers), but must be between 0 and num_layers - 1 = \
        \(run.architecture.numLayers - 1)
        """,
        help: "at most \(run.architecture.numLayers - 1)", related: [run.layersRelated, (path, "on")])
    }
    if run.sizes.pipeline > 1 {
      report.error(
        at: path, "cpu_offloading does not work on a pipeline, but PP is \(run.sizes.pipeline)", help: "turn it off",
        related: [run.pipelineRelated], fix: .unsafe("turn it off", (path, false)))
    }
    if let granularity = run.config.recompute.recomputeGranularity {
      report.error(
        at: path,
        "cpu_offloading does not work with recomputation, but recompute_granularity is \(granularity.rawValue)",
        help: "write recompute_granularity null",
        related: [(Path.recompute.recomputeGranularity, "\(granularity.rawValue)")],
        fix: .unsafe("turn recomputation off", (Path.recompute.recomputeGranularity, .null)))
    }
  }
}
