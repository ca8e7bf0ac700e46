import Diagnostics
import LaunchModel

/// # MOE-21: the dispatcher's kernels exist for the GPU
///
/// ## What
/// `moe_token_dispatcher_type: flex` with the backend `deepep` runs on Ampere, Hopper, B200 and B300; with `hybridep` on
/// GB200 and GB300, too; with `ncclep` (0.6.2) on Hopper and newer ones. The rule speaks where `cluster.gpu_type` names another GPU that it knows.
///
/// ## Why
/// Megatron-Bridge asks the GPU at start-up and refuses. Here only the name under which the scheduler knows the GPU is at
/// hand, so it is a warning.
///
/// ## Example
/// ```yaml
/// cluster: {gpu_type: gb200}
/// model: {moe_token_dispatcher_type: flex, moe_flex_dispatcher_backend: deepep}
/// ```
///
/// ## Fix
/// Take `hybridep` on GB200 and GB300, and `alltoall` on what is older than Ampere.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/flex_dispatcher_backend.py`, `validate_flex_dispatcher_backend`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum DispatcherFitsGPU: Rule {
  static let code: DiagnosticCode = "MOE-21"
  static let title = "the dispatcher's kernels exist for the GPU"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.moeTokenDispatcherType == .flex, let name = run.config.cluster.gpuType?.lowercased() else { return }
    let backend = model.moeFlexDispatcherBackend
    let isGrace = ["gb200", "gb300"].contains { name.contains($0) }
    let isOld = ["v100", "p100", "t4", "rtx6000", "rtx_6000", "titan"].contains { name.contains($0) }
    let isAmpere = ["a100", "a800", "a40", "a30"].contains { name.contains($0) }
    guard isOld || isGrace && backend == .deepep || isAmpere && backend == .ncclep else { return }
    report.warning(
      at: Path.model.moeFlexDispatcherBackend,
      "Megatron-Bridge refuses \(backend.rawValue) on \(run.config.cluster.gpuType ?? name)",
      help: isGrace
        ? "hybridep runs on GB200 and GB300"
        : isAmpere ? "deepep and hybridep run on Ampere" : "write moe_token_dispatcher_type alltoall",
      related: [(Path.cluster.gpuType, "the GPUs asked for"), run.dispatcherRelated])
  }
}
