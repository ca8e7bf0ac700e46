package import LaunchModel

/// The communication settings that Megatron runs with, and the fields that decide them.
package struct OverlapFacts: Sendable {
  package let effective: EffectiveOverlap
  /// Whether `comm_overlap` has the last word.
  package let isFromSection: Bool

  init(_ config: borrowing LaunchConfig, dataParallelSize: Int?) {
    effective = EffectiveOverlap(config, dataParallelSize: dataParallelSize ?? 1)
    isFromSection = config.commOverlap.isPresent
  }

  package var overlapP2P: Bool { effective.overlapP2PComm }
  package var batchP2P: Bool { effective.batchP2PComm }
  package var deferEmbeddingWgrad: Bool { effective.deferEmbeddingWgradCompute }
  package var wgradDeferralLimit: Int { effective.wgradDeferralLimit }
  package var overlapMoE: Bool { effective.overlapMoEExpertParallelComm }
  package var delayWgrad: Bool { effective.delayWgradCompute }

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
