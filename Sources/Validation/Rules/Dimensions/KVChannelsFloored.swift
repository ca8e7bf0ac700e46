import Diagnostics
import LaunchModel

/// # DIM-03: the width of a head is rounded down
///
/// ## What
/// Without `kv_channels` Megatron takes `hidden_size // num_attention_heads`, rounded down. Multi-latent attention has
/// widths of its own and is not affected.
///
/// ## Why
/// The heads together are then narrower than the residual stream, which is rarely meant. Megatron-LM refuses it,
/// Megatron-Bridge does not look.
///
/// ## Example
/// ```yaml
/// model: {hidden_size: 2050, num_attention_heads: 16, multi_latent_attention: false}   # 128, not 128.1
/// ```
///
/// ## Fix
/// Write `kv_channels`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum KVChannelsFloored: Rule {
  static let code: DiagnosticCode = "DIM-03"
  static let title = "the width of a head is rounded down"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let (hidden, heads) = (run.architecture.hiddenSize, run.architecture.numAttentionHeads)
    guard !model.multiLatentAttention, model.kvChannels == nil, heads > 0, hidden % heads != 0 else { return }
    report.note(
      at: Path.model.kvChannels,
      """
      hidden size \(hidden) / \(heads) heads = \(Help.quotient(hidden, heads)); Megatron rounds kv_channels down to \
      \(hidden / heads)
      """,
      help: "write kv_channels",
      related: [(Path.model.hiddenSize, "\(hidden)"), (Path.model.numAttentionHeads, "\(heads) heads")])
  }
}
