package import LaunchModel

/// The communication settings that Megatron runs with. `comm_overlap`, where it is present, overwrites the model's own,
/// with what it says itself or else with its choice (megatron-bridge 0.3.1 `training/comm_overlap.py`,
/// `_get_model_comm_overlap_cfgs`); it sees `virtual_pipeline_model_parallel_size` as written, before any layout is read.
package struct OverlapFacts: Sendable {
  /// Whether `comm_overlap` has the last word.
  package let isFromSection: Bool
  package let overlapP2P: Bool
  package let batchP2P: Bool
  package let deferEmbeddingWgrad: Bool
  package let wgradDeferralLimit: Int
  package let overlapMoE: Bool
  package let delayWgrad: Bool

  init(_ config: LaunchConfig) {
    let (model, section, parallelism) = (config.model, config.commOverlap, config.parallelism)
    isFromSection = section.isPresent
    guard section.isPresent else {
      overlapP2P = model.overlapP2PComm
      batchP2P = model.batchP2PComm
      deferEmbeddingWgrad = model.deferEmbeddingWgradCompute
      wgradDeferralLimit = model.wgradDeferralLimit
      overlapMoE = model.overlapMoEExpertParallelComm
      delayWgrad = model.delayWgradCompute
      return
    }
    let isPipelined = parallelism.pipelineModelParallelSize > 1
    let isInterleaved = isPipelined && parallelism.virtualPipelineModelParallelSize ?? 1 > 1
    overlapP2P = section.overlapP2PComm ?? isInterleaved
    batchP2P = section.batchP2PComm ?? (isPipelined && !isInterleaved)
    deferEmbeddingWgrad = section.deferEmbeddingWgradCompute ?? false
    wgradDeferralLimit = section.wgradDeferralLimit ?? -1
    overlapMoE = section.overlapMoEExpertParallelComm ?? false
    delayWgrad = section.delayWgradCompute ?? false
  }

  /// The field that decides whether stages overlap their transfers.
  package var overlapP2PPath: FieldPath {
    isFromSection ? Path.commOverlap.overlapP2PComm : Path.model.overlapP2PComm
  }

  /// The field that decides whether stages batch their transfers.
  package var batchP2PPath: FieldPath {
    isFromSection ? Path.commOverlap.batchP2PComm : Path.model.batchP2PComm
  }

  /// The field that decides whether the experts' all-to-all is overlapped.
  package var overlapMoEPath: FieldPath {
    isFromSection ? Path.commOverlap.overlapMoEExpertParallelComm : Path.model.overlapMoEExpertParallelComm
  }

  /// The field that decides whether weight gradients are put off.
  package var delayWgradPath: FieldPath {
    isFromSection ? Path.commOverlap.delayWgradCompute : Path.model.delayWgradCompute
  }

  /// The field that decides whether the head's weight gradient is put off.
  package var deferEmbeddingWgradPath: FieldPath {
    isFromSection ? Path.commOverlap.deferEmbeddingWgradCompute : Path.model.deferEmbeddingWgradCompute
  }

  /// How many weight gradients of the head are put off.
  package var wgradDeferralLimitPath: FieldPath {
    isFromSection ? Path.commOverlap.wgradDeferralLimit : Path.model.wgradDeferralLimit
  }
}
