import Diagnostics
import LaunchModel
import Releases

/// # MLA-18: the fused down-projection has a query rank, and divides by TP
///
/// ## What
/// With multi-latent attention `mla_down_proj_fusion` needs `q_lora_rank`, which Moonlight does not have, and with TP above 1
/// `q_lora_rank` and `kv_lora_rank + qk_pos_emb_head_dim` must be multiples of it.
///
/// ## Why
/// One matrix gives the latent queries, keys and values, and is split by rows. Without latent queries Megatron-Core ends with
/// an assertion whose text promises a fallback.
///
/// ## Example
/// ```yaml
/// model: {mla_down_proj_fusion: true, q_lora_rank: null}
/// ```
///
/// ## Fix
/// Remove it.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `transformer/multi_latent_attention.py`, `FusedMLASelfAttention`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum FusedDownProjection: Rule {
  static let code: DiagnosticCode = "MLA-18"
  static let title = "the fused down-projection has a query rank, and divides by TP"
  static let errorsDependOn: PlanAspects = .tensor
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let path = FieldPath("model", "mla_down_proj_fusion")
    guard !model.storage.carried.isEmpty, model.isOn(path.field), model.multiLatentAttention,
      model.transformerImplementation != .local
    else { return }
    let fix = FieldFix.unsafe("remove it", (path, nil))
    guard let rank = model.qLoraRank else {
      return report.error(
        at: path, "latent queries, keys and values are to come from one matrix, but there are no latent queries",
        help: "remove it", related: [(Path.model.qLoraRank, "null")], fix: fix)
    }
    let (tensor, rest) = (run.sizes.tensor, model.kvLoraRank + model.qkPosEmbHeadDim)
    guard tensor > 0, rank % tensor != 0 || rest % tensor != 0 else { return }
    report.error(
      at: path,
      """
      one matrix gives \(rank) latent queries and \(model.kvLoraRank) + \(model.qkPosEmbHeadDim) = \(rest) keys and values; \
      both must be multiples of TP \(tensor)
      """,
      help: "remove it",
      related: [
        (Path.model.qLoraRank, "\(rank)"), (Path.model.kvLoraRank, "\(model.kvLoraRank)"),
        (Path.parallelism.tensorModelParallelSize, "TP \(tensor)"),
      ], fix: fix)
  }
}
