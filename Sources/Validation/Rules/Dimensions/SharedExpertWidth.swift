import Diagnostics
import LaunchModel

/// # DIM-06: the width of the shared experts divides by the tensor size
///
/// ## What
/// `moe_shared_expert_intermediate_size` is the width of all shared experts together. It must be above 0 (null for
/// none) and a multiple of `tensor_model_parallel_size`; the expert tensor size does not matter.
///
/// ## Why
/// Shared experts are one dense MLP beside the routed ones, and cut like one.
///
/// ## Example
/// ```yaml
/// model: {moe_shared_expert_intermediate_size: 0}   # null means none
/// ```
///
/// ## Fix
/// Write the number of shared experts times the width of one, or null.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; `moe/shared_experts.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SharedExpertWidth: Rule {
  static let code: DiagnosticCode = "DIM-06"
  static let title = "the width of the shared experts divides by the tensor size"
  static let errorsDependOn: PlanAspects = .tensor

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let width = run.config.model.moeSharedExpertIntermediateSize else { return }
    let (path, tensor) = (Path.model.moeSharedExpertIntermediateSize, run.sizes.tensor)
    if width == 0 {
      report.error(
        at: path, "moe_shared_expert_intermediate_size is 0, but Megatron wants a width, or null for no shared experts",
        help: "write null", fix: .safe("write null", (path, .null)))
    } else if run.hasMoELayer, width % tensor != 0 {
      report.error(
        at: path,
        """
        moe_shared_expert_intermediate_size \(width) / TP \(tensor) = \(Help.quotient(width, tensor)), but the shared \
        experts' matrices are cut into equal parts
        """,
        help:
          """
          \(ParallelSize.tensor.divisorHelp(of: width, "it", run)); nearest widths: \
          \(Help.multiples(of: tensor, near: width))
          """,
        related: [(Path.parallelism.tensorModelParallelSize, "TP \(tensor)")])
    }
  }
}
