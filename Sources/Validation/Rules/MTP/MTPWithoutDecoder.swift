import Diagnostics
import LaunchModel

/// # MTP-04: MTP layers on a stage without decoder layers
///
/// ## What
/// Where the stage that holds the MTP layers holds no decoder layer, Megatron-Bridge builds them from its default
/// layer, which has plain attention and no multi-latent one.
///
/// ## Why
/// Otherwise an MTP layer is made like the last decoder layer of its stage. The default is accepted and trains, but it
/// is another architecture, and no checkpoint of the family has its weights.
///
/// ## Example
/// ```yaml
/// model: {mtp_num_layers: 1, multi_latent_attention: true}
/// parallelism: {pipeline_model_parallel_size: 2, pipeline_model_parallel_layout: Et*27|mL}
/// ```
///
/// ## Fix
/// Put a decoder layer on that stage.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `models/gpt_provider.py`, `mtp_block_spec`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum MTPWithoutDecoder: Rule {
  static let code: DiagnosticCode = "MTP-04"
  static let title = "MTP layers on a stage without decoder layers"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.architecture.mtpNumLayers > 0, run.config.model.multiLatentAttention,
      let stage = run.stages?.stages.first(where: { $0.mtp > 0 && $0.numLayers == 0 })
    else { return }
    let path =
      run.layout == nil ? Path.parallelism.pipelineModelParallelSize : Path.parallelism.pipelineModelParallelLayout
    report.warning(
      at: path,
      """
      the MTP layers stand on pp \(stage.pp), vp \(stage.vp), which has no decoder layer: Megatron-Bridge builds \
      them without multi-latent attention
      """,
      help: "put a decoder layer on that stage",
      related: [(Path.model.mtpNumLayers, "\(Help.count(run.architecture.mtpNumLayers, "MTP layer"))")])
  }
}
