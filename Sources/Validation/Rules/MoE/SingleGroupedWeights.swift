import Diagnostics
import LaunchModel
import Releases

/// # MOE-40: one tensor for all experts' weights
///
/// ## What
/// `moe_single_grouped_weight` and `moe_single_grouped_bias` need `moe_grouped_gemm`; the bias needs `add_bias_linear`. The
/// weight needs `fp8` with the recipe `mxfp8` in 0.5.1; in 0.6.2 it needs `use_transformer_engine_op_fuser`, and takes no fp8
/// but `mxfp8` and no fp4 but `nvfp4`.
///
/// ## Why
/// Only these kernels take a grouped tensor whole; the others would cut it up.
///
/// ## Example
/// ```yaml
/// model: {moe_single_grouped_weight: true, use_transformer_engine_op_fuser: false}
/// ```
///
/// ## Fix
/// Remove it.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SingleGroupedWeights: Rule {
  static let code: DiagnosticCode = "MOE-40"
  static let title = "one tensor for all experts' weights"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  /// Where weights in bf16 and fp16 can be grouped, by fused operations.
  private static let takesPlainWeights = ReleaseSet.since(.bridge062)
  private static let weightPath = FieldPath("model", "moe_single_grouped_weight")
  private static let biasPath = FieldPath("model", "moe_single_grouped_bias")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard !model.storage.carried.isEmpty else { return }
    let (weight, bias) = (model.isOn(weightPath.field), model.isOn(biasPath.field))
    guard weight || bias else { return }
    if !model.moeGroupedGEMM {
      let path = weight ? weightPath : biasPath
      return report.error(
        at: path, "experts are to share a tensor, but each has a GEMM of its own", help: "turn on moe_grouped_gemm",
        related: [(Path.model.moeGroupedGEMM, "off")],
        fix: .unsafe("turn on moe_grouped_gemm", (Path.model.moeGroupedGEMM, true)))
    }
    if weight { checkWeight(run, &report) }
    if bias, !model.addBiasLinear {
      report.error(
        at: biasPath, "the biases of all experts are to be one tensor, but there are none", help: "remove it",
        related: [(Path.model.addBiasLinear, "off")], fix: .unsafe("remove it", (biasPath, nil)))
    }
  }

  private static func checkWeight(_ run: RunFacts, _ report: inout Report) {
    let quantized = run.precision.quantized
    let isMXFP8 = quantized.fp8 != nil && quantized.fp8Recipe == "mxfp8" && quantized.fp4 == nil
    let takesPlain = takesPlainWeights.contains(run.release)
    let fits =
      takesPlain
      ? (quantized.fp8 == nil || quantized.fp8Recipe == "mxfp8")
        && (quantized.fp4 == nil || quantized.fp4Recipe == "nvfp4") : isMXFP8
    let remove = FieldFix.unsafe("remove it", (weightPath, nil))
    if !fits {
      report.error(
        at: weightPath,
        takesPlain
          ? "one tensor for all experts' weights is in bf16, fp16, mxfp8 or nvfp4"
          : "one tensor for all experts' weights is in mxfp8", help: "remove it",
        related: [
          (quantized.path("fp8"), "\(quantized.fp8 ?? "null")"),
          (quantized.path("fp8_recipe"), "\(quantized.fp8Recipe)"),
        ], fix: remove)
    } else if takesPlain, !run.config.model.isOn(FusedExperts.path.field) {
      report.error(
        at: weightPath, "one tensor for all experts' weights needs `\(name: FusedExperts.path)`",
        help: "remove it, or turn that on", related: [(FusedExperts.path, "off")], fix: remove)
    }
  }
}
