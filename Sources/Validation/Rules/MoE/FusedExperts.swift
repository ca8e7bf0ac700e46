import Diagnostics
import LaunchModel
import Releases

/// # MOE-42: the experts' fused operations
///
/// ## What
/// With grouped experts `use_transformer_engine_op_fuser` needs ETP 1, `moe_apply_probs_on_input` off, neither `expert_fc1` nor
/// `moe_act` offloaded, and SwiGLU, or the squared ReLU with `use_fused_weighted_squared_relu`. In 0.6.2 SwiGLU needs the
/// variable `NVTE_CUTEDSL_FUSED_GROUPED_MLP=1` as well.
///
/// ## Why
/// Transformer Engine has a fused operation for these and no other.
///
/// ## Example
/// ```yaml
/// model: {use_transformer_engine_op_fuser: true}
/// parallelism: {expert_tensor_parallel_size: 2}
/// ```
///
/// ## Fix
/// Turn it off.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `transformer/moe/experts.py`, `_is_fused_impl_supported`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum FusedExperts: Rule {
  static let code: DiagnosticCode = "MOE-42"
  static let title = "the experts' fused operations"
  static let errorsDependOn: PlanAspects = .expertTensor
  static let releases = ReleaseSet.since(.bridge051)

  static let path = FieldPath("model", "use_transformer_engine_op_fuser")
  private static let variable = FieldPath("env_vars", "NVTE_CUTEDSL_FUSED_GROUPED_MLP")
  /// Where the gated activations ask for the variable.
  private static let needsVariable = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard !model.storage.carried.isEmpty, model.isOn(path.field), run.hasMoELayer, model.moeGroupedGEMM,
      model.transformerImplementation != .local
    else { return }
    let needs = needs(run)
    guard !needs.isEmpty else { return }
    report.error(
      at: path, "the experts' fused operations need \(needs.map(\.need).joined(separator: ", "))", help: "turn it off",
      related: needs.map(\.related), fix: .unsafe("turn it off", (path, false)))
  }

  private static func needs(_ run: RunFacts) -> [(need: Message, related: RelatedField)] {
    let model = run.config.model
    var needs: [(need: Message, related: RelatedField)] = []
    if run.sizes.expertTensor > 1 {
      needs.append(("ETP 1", (Path.parallelism.expertTensorParallelSize, "ETP \(run.sizes.expertTensor)")))
    }
    if model.fineGrainedActivationOffloading {
      let modules = model.words(OffloadedActivations.modulesPath.field)
      if let module = modules.first(where: { $0 == "expert_fc1" || $0 == "moe_act" }) {
        needs.append(("`\(module)` on the GPU", (OffloadedActivations.modulesPath, "offloaded")))
      }
    }
    let onInput = FieldPath("model", "moe_apply_probs_on_input")
    if model.isOn(onInput.field) { needs.append(("scores behind the experts", (onInput, "before them"))) }
    let isSwiGLU = model.gatedLinearUnit && model.activationFunction == .silu
    let isWeighted =
      !model.gatedLinearUnit && model.activationFunction == .squaredReLU
      && model.isOn("use_fused_weighted_squared_relu")
    if !isSwiGLU, !isWeighted {
      needs.append(("SwiGLU", (Path.model.activationFunction, "\(model.activationFunction.rawValue)")))
    } else if isSwiGLU, needsVariable.contains(run.release),
      (run.config.envVars.text(variable.field).flatMap { Int($0) } ?? 0) < 1
    {
      needs.append(("`\(variable.field)` 1", (variable, "not set")))
    }
    return needs
  }
}
