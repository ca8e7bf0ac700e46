import Diagnostics
import LaunchModel

/// # OPT-15: what is offloaded is more than nothing
///
/// ## What
/// `optimizer_cpu_offload` offloads the share `optimizer_offload_fraction` of the optimizer's states, which is 0 unless
/// written. (On Megatron-LM's command line it is 1.) So `cpu_offloading` takes `cpu_offloading_num_layers`, which is 0.
///
/// ## Why
/// Nothing leaves the GPU, and the memory that was to be saved is missing in the first step.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer_cpu_offload: true, use_precision_aware_optimizer: true}
/// ```
///
/// ## Fix
/// `optimizer_offload_fraction: 1.0`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`; `optimizer/cpu_offloading/hybrid_optimizer.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum OffloadedShareIsZero: Rule {
  static let code: DiagnosticCode = "OPT-15"
  static let title = "what is offloaded is more than nothing"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    let fraction = Path.optimizer.optimizerOffloadFraction
    if optimizer.optimizerCPUOffload {
      if optimizer.optimizerOffloadFraction == 0 {
        report.warning(
          at: fraction, "a share of 0 offloads nothing: all of the optimizer's states stay on the GPU",
          help: "1.0 offloads them all", related: [(Path.optimizer.optimizerCPUOffload, "on")],
          fix: .unsafe("offload them all", (fraction, .float(1))))
      }
    } else if optimizer.optimizerOffloadFraction > 0, optimizer.isWritten(\.optimizerOffloadFraction) {
      report.warning(
        at: fraction,
        "a share of \(optimizer.optimizerOffloadFraction) has no effect: `optimizer_cpu_offload` is off",
        related: [(Path.optimizer.optimizerCPUOffload, "off")],
        fix: .unsafe("offload", (Path.optimizer.optimizerCPUOffload, .bool(true))))
    }
    let model = run.config.model
    guard model.cpuOffloading, model.cpuOffloadingNumLayers == 0 else { return }
    report.warning(
      at: Path.model.cpuOffloadingNumLayers, "0 layers are offloaded: all activations stay on the GPU",
      help: "at most \(run.architecture.numLayers - 1)", related: [(Path.model.cpuOffloading, "on")])
  }
}
