import Diagnostics
import LaunchModel

/// # PIPE-31: one virtual stage and whole batches
///
/// ## What
/// On a pipeline, `virtual_pipeline_model_parallel_size: 1` does not work with `dataloader_type: batch`, which
/// finetuning uses; from 0.5.1 on it works with no loader.
///
/// ## Why
/// Any virtual size turns the interleaved schedule on, which wants one data iterator for each chunk in a list. For one
/// chunk Megatron-Bridge's loader of whole batches makes no list, and the first step refuses.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 2, virtual_pipeline_model_parallel_size: 1}
/// dataset: {kind: sft, dataloader_type: batch}
/// ```
///
/// ## Fix
/// Write null.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `data/iterator_utils.py`, `make_data_iterator_list`; megatron-core 0.16.1
///   `pipeline_parallel/schedules.py`.
/// - 0.5.1: megatron-bridge 0.5.1, `training/train.py`; megatron-core: a list is made for more than one
///   chunk.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum SingleChunkWithBatchLoader: Rule {
  static let code: DiagnosticCode = "PIPE-31"
  static let title = "one virtual stage and whole batches"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let isBatches = run.config.dataset.dataloaderType == .batch
    guard run.sizes.pipeline > 1, isBatches || run.release.singleVirtualStage == .fails,
      run.config.parallelism.virtualPipelineModelParallelSize == 1
    else { return }
    let path = Path.parallelism.virtualPipelineModelParallelSize
    let loader: [RelatedField] = isBatches ? [(Path.dataset.dataloaderType, "batch" as Message)] : []
    report.error(
      at: path,
      run.release.singleVirtualStage == .fails
        ? "VP 1 turns the interleaved schedule on, for which Megatron-Bridge makes no list of data iterators"
        : "VP 1 turns the interleaved schedule on, which has no data iterator for one chunk with dataloader_type batch",
      help: "write null for the plain schedule",
      related: [run.pipelineRelated] + loader,
      fix: .safe("write null", (path, .null)))
  }
}
