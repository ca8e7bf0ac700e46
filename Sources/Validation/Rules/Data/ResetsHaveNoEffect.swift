import ConfigDocument
import Diagnostics
import LaunchModel

/// # DATA-19: documents of one sample see each other
///
/// ## What
/// `reset_attention_mask` and `reset_position_ids` make masks and positions that begin anew at each end of a document. With
/// Transformer Engine's attention, which is causal and takes no mask, the former does nothing; with rotary positions, which are
/// counted along the sample, nor does the latter.
///
/// ## Why
/// The run is the one without the switches: tokens attend to the documents before theirs. Only the loss at the end of a
/// document can be left out, by `eod_mask_loss`.
///
/// ## Example
/// ```yaml
/// dataset: {kind: indexed, data_paths: [/data/text], reset_attention_mask: true}
/// ```
///
/// ## Fix
/// Leave them false. Documents are kept apart where examples are packed for finetuning.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `datasets/gpt_dataset.py`, `_get_ltor_masks_and_position_ids`;
///   `models/gpt/gpt_layer_specs.py` (`AttnMaskType.causal`); `models/gpt/gpt_model.py`, `_preprocess` (positions go into
///   learned embeddings alone).
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ResetsHaveNoEffect: Rule {
  static let code: DiagnosticCode = "DATA-19"
  static let title = "documents of one sample see each other"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (dataset, model) = (run.config.dataset, run.config.model)
    // Made-up data have one document.
    guard dataset.kind != .sft, dataset.kind != .mock else { return }
    if dataset.resetAttentionMask == true, model.transformerImplementation == .transformerEngine {
      report.warning(
        at: Path.dataset.resetAttentionMask,
        "the mask that begins anew at each document is not used: Transformer Engine's attention is causal over the sample",
        help: "leave it false", related: [(Path.model.transformerImplementation, "transformer_engine")],
        fix: .unsafe("leave it false", (Path.dataset.resetAttentionMask, .bool(false))))
    }
    if dataset.resetPositionIDs == true, model.positionEmbeddingType != .learnedAbsolute {
      report.warning(
        at: Path.dataset.resetPositionIDs,
        "positions that begin anew at each document are not used: rotary ones are counted along the sample",
        help: "leave it false",
        related: [(Path.model.positionEmbeddingType, "\(model.positionEmbeddingType.rawValue)")],
        fix: .unsafe("leave it false", (Path.dataset.resetPositionIDs, .bool(false))))
    }
  }
}
