import Diagnostics
import LaunchModel

/// # MOE-27: one GEMM for all experts
///
/// ## What
/// With `moe_grouped_gemm`, `add_bias_linear` and `bias_dropout_fusion` cannot both be on, and
/// `moe_use_legacy_grouped_gemm` needs a package that Megatron-Bridge does not bring, `grouped_gemm`.
///
/// ## Why
/// The grouped layer hands its bias on unfused. The legacy one is no longer maintained.
///
/// ## Example
/// ```yaml
/// model: {moe_grouped_gemm: true, moe_use_legacy_grouped_gemm: true}
/// ```
///
/// ## Fix
/// Turn `moe_use_legacy_grouped_gemm` off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `moe/experts.py`, `TEGroupedMLP.__init__`, `GroupedMLP.__init__`.
/// - 0.5.1: megatron-core 0.18.2 `transformer/moe/experts.py`, `TEGroupedMLP.__init__`.
/// - 0.6.2: megatron-core 0.19.2 `transformer/moe/experts.py`, `TEGroupedMLP.__init__`.
enum GroupedExperts: Rule {
  static let code: DiagnosticCode = "MOE-27"
  static let title = "one GEMM for all experts"
  static let errorsDependOn: PlanAspects = .expertTensor

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard run.hasMoELayer, model.moeGroupedGEMM else { return }
    if model.moeUseLegacyGroupedGEMM {
      report.error(
        at: Path.model.moeUseLegacyGroupedGEMM,
        """
        moe_use_legacy_grouped_gemm needs the package grouped_gemm, which Megatron-Bridge \
        \(run.release.megatronBridge) does not bring
        """,
        help: "turn it off: Transformer Engine has the same", related: [(Path.model.moeGroupedGEMM, "on")],
        fix: .safe("turn it off", (Path.model.moeUseLegacyGroupedGEMM, false)))
    } else if model.addBiasLinear, model.biasDropoutFusion, !run.hasSharedExperts, run.sizes.expertTensor == 1 {
      report.error(
        at: Path.model.biasDropoutFusion, "grouped experts with biases exclude bias_dropout_fusion",
        help: "turn the fusion off, or the biases",
        related: [(Path.model.addBiasLinear, "on"), (Path.model.moeGroupedGEMM, "on")],
        fix: .unsafe("turn the fusion off", (Path.model.biasDropoutFusion, false)))
    }
  }
}
