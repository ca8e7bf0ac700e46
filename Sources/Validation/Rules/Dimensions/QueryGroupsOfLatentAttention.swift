import Diagnostics
import LaunchModel

/// # DIM-11: multi-latent attention with query groups
///
/// ## What
/// With multi-latent attention `num_query_groups` should be null or the number of heads.
///
/// ## Why
/// MLA gives every head a key and a value of its own. Megatron still hands `num_query_groups` to Transformer Engine,
/// whose attention refuses, in the first step, keys of another number of heads. A warning, since that is read in
/// Transformer Engine's source and could not be run without a GPU.
///
/// ## Example
/// ```yaml
/// model: {multi_latent_attention: true, num_attention_heads: 16, num_query_groups: 8}
/// ```
///
/// ## Fix
/// Write null.
///
/// ## Source
/// - 0.3.1: Transformer Engine 2.11 `dot_product_attention.py`, `forward` ("Keys and values must have num_gqa_group
///   …"); megatron-core 0.16.1 `multi_latent_attention.py`.
enum QueryGroupsOfLatentAttention: Rule {
  static let code: DiagnosticCode = "DIM-11"
  static let title = "multi-latent attention with query groups"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.multiLatentAttention, model.transformerImplementation != .local, let groups = model.numQueryGroups
    else { return }
    let (heads, tensor) = (run.architecture.numAttentionHeads, run.sizes.tensor)
    // What Megatron refuses before that is DIM-01's and DIM-02's.
    guard heads > 0, groups != heads, heads % tensor == 0, heads % groups == 0,
      groups % tensor == 0 || tensor % groups == 0
    else { return }
    report.warning(
      at: Path.model.numQueryGroups,
      """
      multi-latent attention gives each of its \(heads) heads a key of its own, but num_query_groups is \(groups); \
      Transformer Engine refuses that in the first step
      """,
      help: "write null", related: [(Path.model.numAttentionHeads, "\(heads) heads")],
      fix: .safe("write null", (Path.model.numQueryGroups, .null)))
  }
}
