import Diagnostics
import LaunchModel

/// # DIM-01: attention heads divide by the tensor size
///
/// ## What
/// `num_attention_heads` must be a multiple of `tensor_model_parallel_size`.
///
/// ## Why
/// Each tensor-parallel GPU computes an equal share of whole heads.
///
/// ## Example
/// ```yaml
/// model: {num_attention_heads: 20}
/// parallelism: {tensor_model_parallel_size: 8}   # 2.5 heads a GPU
/// ```
///
/// ## Fix
/// Take a TP that divides the heads.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum HeadsDivideByTensorSize: Rule {
  static let code: DiagnosticCode = "DIM-01"
  static let title = "attention heads divide by the tensor size"
  static let errorsDependOn: PlanAspects = .tensor

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (heads, tensor) = (run.architecture.numAttentionHeads, run.sizes.tensor)
    guard heads > 0, heads % tensor != 0 else { return }
    report.error(
      at: Path.model.numAttentionHeads,
      "\(heads) attention heads / TP \(tensor) = \(Help.quotient(heads, tensor)), but each GPU computes whole heads",
      help: "\(ParallelSize.tensor.divisorHelp(of: heads, "\(heads) heads", run))",
      related: [(Path.parallelism.tensorModelParallelSize, "TP \(tensor)")])
  }
}
