import Diagnostics
import LaunchModel
import Topology

/// # PIPE-11: layers with counted embedding and loss divide by the pipeline size
///
/// ## What
/// With `account_for_embedding_in_pipeline_split` or `account_for_loss_in_pipeline_split`, `num_layers` plus one for
/// each must be a multiple of `pipeline_model_parallel_size`, and each share of `virtual_pipeline_model_parallel_size`.
///
/// ## Why
/// Embedding and loss then take the slot of a layer in an even split.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27}
/// parallelism: {pipeline_model_parallel_size: 4, account_for_embedding_in_pipeline_split: true,
///   account_for_loss_in_pipeline_split: true}   # 29 slots / 4
/// ```
///
/// ## Fix
/// Count one of them, or write a layout. 27 layers and one of the two are 28 slots: 7 for each of 4 stages.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum CountedEndsDivide: Rule {
  static let code: DiagnosticCode = "PIPE-11"
  static let title = "layers with counted embedding and loss divide by the pipeline size"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let violation = run.splitViolations(of: Self.self).first else { return }
    let parallelism = run.config.parallelism
    let (embedding, loss) = (parallelism.accountForEmbeddingInPipelineSplit, parallelism.accountForLossInPipelineSplit)
    let slots =
      Help.count(run.architecture.numLayers, "layer") + "\(embedding ? " + embedding" : "")\(loss ? " + loss" : "")"
    let path =
      embedding
      ? Path.parallelism.accountForEmbeddingInPipelineSplit : Path.parallelism.accountForLossInPipelineSplit
    var related: [RelatedField] = [run.layersRelated, run.pipelineRelated]
    if embedding, loss { related.append((Path.parallelism.accountForLossInPipelineSplit, "on")) }
    switch violation {
    case .accountingSplit(let count, let pipeline):
      report.error(
        at: path, "\(slots) = \(count) slots, and \(count) / PP \(pipeline) = \(Help.quotient(count, pipeline))",
        help: help(ParallelSize.pipeline.nearestDivisors(of: count, run), count),
        related: related)
    case .accountingVirtualSplit(let share, let virtual):
      report.error(
        at: path,
        "\(slots) make \(Help.count(share, "slot")) a rank, and \(share) / VP \(virtual) = \(Help.quotient(share, virtual))",
        help: run.virtualHelp(dividing: share),
        related: related + [run.virtualPipelineRelated])
    default: break
    }
  }

  private static func help(_ pipelines: [Int], _ slots: Int) -> Message {
    pipelines.isEmpty ? "write a layout" : "PP that divides \(slots): \(Help.list(pipelines)); or write a layout"
  }
}
