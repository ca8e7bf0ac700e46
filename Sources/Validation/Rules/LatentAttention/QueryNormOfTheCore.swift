import Diagnostics
import LaunchModel
import Releases

/// # MLA-17: a second norm in front of the queries
///
/// ## What
/// With `qk_layernorm` and without `q_lora_rank`, megatron-core 0.19 builds the query projection of multi-latent attention
/// with a norm of its own, behind that of the layer: `hidden_size` weights a layer that no released model has. No setting
/// avoids it.
///
/// ## Why
/// Moonlight and DeepSeek-V2-Lite are such models. Importing their Hugging Face weights fails, since nothing maps to these
/// norms, and pretraining makes a checkpoint that no other program loads as a DeepSeek model. The programs of an exported
/// launch build the projection without the norm, so for a launch config this is a note.
///
/// ## Example
/// ```yaml
/// software: {megatron_bridge: 0.6.2}
/// model: {multi_latent_attention: true, qk_layernorm: true, q_lora_rank: null}
/// ```
///
/// ## Fix
/// Run it by the programs of `moonlight export --to torchrun` (or another launcher), or use an older release.
///
/// ## Source
/// - 0.6.2: megatron-core 0.19.2 `transformer/mla_qk_norm_config.py`, `_resolve_mla_qk_layernorm`; 0.19.0 and 0.19.1 have
///   the same, 0.18.2 does not have the file.
enum QueryNormOfTheCore: Rule {
  static let code: DiagnosticCode = "MLA-17"
  static let title = "a second norm in front of the queries"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.where { $0.normsQueriesWithoutLatent }

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let norm = AddedQueryNorm(run.config) else { return }
    let related: [RelatedField] = [
      (Path.model.qkLayernorm, "norms of queries and keys"),
      (Path.model.multiLatentAttention, "multi-latent attention"),
    ]
    if run.config.isContainer {
      report.warning(at: Path.model.qLoraRank, norm.consequence, help: norm.wayOut, related: related)
    } else {
      report.note(
        at: Path.model.qLoraRank,
        """
        megatron-core \(run.release.megatronCore) by itself puts a second norm in front of the query projection, which \
        the released models do not have; the programs of an exported launch build the projection without it
        """, related: related)
    }
  }
}
