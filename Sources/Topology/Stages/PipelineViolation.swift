/// A rule of Megatron's pipeline split that a config breaks, with the numbers.
package enum PipelineViolation: Error, Hashable, Sendable {
  /// Which end of the pipeline a number is about.
  package enum Edge: Hashable, Sendable {
    /// `num_layers_in_first_pipeline_stage`.
    case first
    /// `num_layers_in_last_pipeline_stage`.
    case last
  }

  // Sizes.
  case sizeNotPositive(SizeName, Int)
  case numLayersOutOfRange(Int)
  case mtpNumLayersOutOfRange(Int)
  case tooManyStages(pipeline: Int, virtualPipeline: Int)
  case virtualWithoutPipeline(virtualPipeline: Int)

  // Which split.
  case layoutWithOtherSplit
  case edgesWithAccounting

  // The even split.
  case evenSplit(numLayers: Int, pipeline: Int)
  case evenVirtualSplit(layersPerRank: Int, virtualPipeline: Int)

  // A first or last stage of another size.
  case edgeNotPositive(Edge, Int)
  case edgeVirtualSplit(Edge, Int, virtualPipeline: Int)
  case middleMismatch(layers: Int, stages: Int)
  case middleSplit(layers: Int, stages: Int)
  case middleVirtualSplit(layersPerStage: Int, virtualPipeline: Int)
  case middleNegative(layers: Int, stages: Int)
  case edgesWithoutMiddleInterleaved(virtualPipeline: Int)

  // The embedding or the loss counted as a layer.
  case accountingSplit(slots: Int, pipeline: Int)
  case accountingVirtualSplit(slotsPerRank: Int, virtualPipeline: Int)

  // A written layout.
  case layoutStages(stages: Int, pipeline: Int)
  case layoutVirtual(stages: Int, pipeline: Int, virtualPipeline: Int)
  case layoutWithoutPipeline(stages: Int)
  case layoutEmpty
  case embeddingNotFirst(LayoutElement, at: LayoutPosition)
  case lossNotLast(LayoutElement, at: LayoutPosition)
  /// None, or the position of the second.
  case embeddingCount(Int, at: LayoutPosition?)
  case lossCount(Int, at: LayoutPosition?)
  case decoderCount(Int, numLayers: Int)
  case mtpCount(Int, mtpNumLayers: Int?)
  case decoderAfterMTP(at: LayoutPosition)
  case mtpNotInLastChunk(at: LayoutPosition)
  case mtpSplit(at: LayoutPosition)

  /// The element of the layout that the rule is about, where it is about one.
  package var position: LayoutPosition? {
    switch self {
    case .embeddingNotFirst(_, let position), .lossNotLast(_, let position), .decoderAfterMTP(let position),
      .mtpNotInLastChunk(let position), .mtpSplit(let position):
      position
    case .embeddingCount(_, let position), .lossCount(_, let position): position
    default: nil
    }
  }
}
