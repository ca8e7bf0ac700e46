import Diagnostics
import LaunchModel
import Releases

/// # MOE-41: the shared experts' fused GEMM
///
/// ## What
/// `use_grouped_gemm_for_shared_expert` needs `moe_shared_expert_glu_interleave_size`, SwiGLU without biases, and `mxfp8` or
/// `nvfp4`.
///
/// ## Why
/// It is one kernel, written for these; Megatron-Core asks for the number format in the first forward pass.
///
/// ## Example
/// ```yaml
/// model: {use_grouped_gemm_for_shared_expert: true, moe_shared_expert_glu_interleave_size: null}
/// ```
///
/// ## Fix
/// Remove it.
///
/// ## Source
/// - 0.6.2: megatron-core 0.19.2 `transformer/moe/shared_experts.py`, `FusedSharedExpertMLP`.
enum FusedSharedExperts: Rule {
  static let code: DiagnosticCode = "MOE-41"
  static let title = "the shared experts' fused GEMM"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let path = FieldPath("model", "use_grouped_gemm_for_shared_expert")
    guard !model.storage.carried.isEmpty, model.isOn(path.field), run.hasSharedExperts, run.hasMoELayer else { return }
    let interleaved = FieldPath("model", "moe_shared_expert_glu_interleave_size")
    let quantized = run.precision.quantized
    var needs: [(need: Message, related: RelatedField)] = []
    if model.addBiasLinear { needs.append(("no biases", (Path.model.addBiasLinear, "on"))) }
    if !model.gatedLinearUnit || model.activationFunction != .silu {
      needs.append(("SwiGLU", (Path.model.activationFunction, "\(model.activationFunction.rawValue)")))
    }
    if !model.isSet(interleaved.field) { needs.append(("`\(name: interleaved)`", (interleaved, "null"))) }
    let isQuantized =
      quantized.fp8 != nil && quantized.fp8Recipe == "mxfp8" || quantized.fp4 != nil && quantized.fp4Recipe == "nvfp4"
    if !isQuantized { needs.append(("mxfp8 or nvfp4", (quantized.path("fp8"), "\(quantized.fp8 ?? "null")"))) }
    guard !needs.isEmpty else { return }
    report.error(
      at: path, "the shared experts' fused GEMM needs \(needs.map(\.need).joined(separator: ", "))", help: "remove it",
      related: needs.map(\.related), fix: .unsafe("remove it", (path, nil)))
  }
}
