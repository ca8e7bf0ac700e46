import Diagnostics
import LaunchModel
import Topology

/// # DIM-02: query groups fit the tensor size and the heads
///
/// ## What
/// `num_query_groups` must be a multiple or a divisor of `tensor_model_parallel_size`, and divide
/// `num_attention_heads`. Null takes the number of heads. Megatron checks it for multi-latent attention, too, which
/// does not use it.
///
/// ## Why
/// Each tensor-parallel GPU holds whole groups, or one group is repeated on several; each group serves as many heads.
///
/// ## Example
/// ```yaml
/// model: {num_query_groups: 3}
/// parallelism: {tensor_model_parallel_size: 2}
/// ```
///
/// ## Fix
/// For multi-latent attention write null, or the number of heads.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; `attention.py`; Transformer Engine 2.11
///   `DotProductAttention`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum QueryGroupsFitTensorSize: Rule {
  static let code: DiagnosticCode = "DIM-02"
  static let title = "query groups fit the tensor size and the heads"
  static let errorsDependOn: PlanAspects = .tensor

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let groups = run.config.model.numQueryGroups else { return }
    let (heads, tensor) = (run.architecture.numAttentionHeads, run.sizes.tensor)
    let fitsTensor = groups % tensor == 0 || tensor % groups == 0
    // Where the heads themselves do not divide by TP, DIM-01 has said so.
    guard heads > 0, heads % tensor == 0, !fitsTensor || heads % groups != 0 else { return }
    let path = Path.model.numQueryGroups
    let related: [RelatedField] = [
      (Path.parallelism.tensorModelParallelSize, "TP \(tensor)"), (Path.model.numAttentionHeads, "\(heads) heads"),
    ]
    let legal = divisors(of: heads).filter { $0 % tensor == 0 || tensor % $0 == 0 }
    report.error(
      at: path,
      fitsTensor
        ? "\(heads) attention heads / \(groups) query groups = \(Help.quotient(heads, groups)), no whole number"
        : "\(groups) query groups are neither a multiple nor a divisor of TP \(tensor)",
      help: run.config.model.multiLatentAttention
        ? "multi-latent attention has no query groups: write null" : "legal here: \(Help.list(legal))",
      related: related,
      fix: run.config.model.multiLatentAttention ? .safe("write null", (path, .null)) : nil)
  }
}
