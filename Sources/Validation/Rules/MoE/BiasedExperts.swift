import Diagnostics
import LaunchModel

/// # MOE-25: biased experts are not cut
///
/// ## What
/// With routed experts, `add_bias_linear` needs an expert tensor size of 1.
///
/// ## Why
/// A bias cannot be added once where the experts' output is added up over GPUs.
///
/// ## Example
/// ```yaml
/// model: {num_moe_experts: 64, add_bias_linear: true}
/// parallelism: {expert_tensor_parallel_size: 2}
/// ```
///
/// ## Fix
/// Turn the biases off: no model of this family has them.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum BiasedExpertsAreWhole: Rule {
  static let code: DiagnosticCode = "MOE-25"
  static let title = "biased experts are not cut"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.addBiasLinear, run.config.model.numMoEExperts != nil, run.sizes.resolvedExpertTensor != 1
    else { return }
    report.error(
      at: Path.model.addBiasLinear,
      """
      experts with biases cannot be cut, but ETP is \
      \(run.sizes.resolvedExpertTensor)\(run.sizes.expertTensor == nil ? " (null: TP)" : "")
      """,
      help: "turn the biases off, or write expert_tensor_parallel_size 1",
      related: [
        (Path.parallelism.expertTensorParallelSize, "ETP \(run.sizes.resolvedExpertTensor)"),
        (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"), run.expertsRelated,
      ],
      fix: .unsafe("turn the biases off", (Path.model.addBiasLinear, false)))
  }
}

/// # MOE-26: shared experts have no biases
///
/// ## What
/// With shared experts, `add_bias_linear` must be off.
///
/// ## Why
/// Megatron's shared experts are not written for biases; building one refuses.
///
/// ## Example
/// ```yaml
/// model: {add_bias_linear: true, moe_shared_expert_intermediate_size: 2816}
/// ```
///
/// ## Fix
/// Turn the biases off.
///
/// ## Source
/// megatron-core 0.16.1 `moe/shared_experts.py`, `SharedExpertMLP.__init__`.
enum SharedExpertsWithoutBias: Rule {
  static let code: DiagnosticCode = "MOE-26"
  static let title = "shared experts have no biases"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.addBiasLinear, run.hasMoELayer, run.hasSharedExperts,
      // One root cause: where the experts are cut, MOE-25 speaks of the biases.
      run.sizes.resolvedExpertTensor == 1
    else { return }
    report.error(
      at: Path.model.addBiasLinear, "shared experts have no biases, but add_bias_linear is on", help: "turn it off",
      related: [run.sharedExpertsRelated], fix: .unsafe("turn it off", (Path.model.addBiasLinear, false)))
  }
}

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
/// megatron-core 0.16.1 `moe/experts.py`, `TEGroupedMLP.__init__`, `GroupedMLP.__init__`.
enum GroupedExperts: Rule {
  static let code: DiagnosticCode = "MOE-27"
  static let title = "one GEMM for all experts"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard run.hasMoELayer, model.moeGroupedGEMM else { return }
    if model.moeUseLegacyGroupedGEMM {
      report.error(
        at: Path.model.moeUseLegacyGroupedGEMM,
        "moe_use_legacy_grouped_gemm needs the package grouped_gemm, which Megatron-Bridge 0.3.1 does not bring",
        help: "turn it off: Transformer Engine has the same", related: [(Path.model.moeGroupedGEMM, "on")],
        fix: .safe("turn it off", (Path.model.moeUseLegacyGroupedGEMM, false)))
    } else if model.addBiasLinear, model.biasDropoutFusion, !run.hasSharedExperts, run.sizes.resolvedExpertTensor == 1 {
      report.error(
        at: Path.model.biasDropoutFusion, "grouped experts with biases exclude bias_dropout_fusion",
        help: "turn the fusion off, or the biases",
        related: [(Path.model.addBiasLinear, "on"), (Path.model.moeGroupedGEMM, "on")],
        fix: .unsafe("turn the fusion off", (Path.model.biasDropoutFusion, false)))
    }
  }
}
