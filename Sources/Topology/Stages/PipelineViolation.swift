/// A rule of Megatron's pipeline split that a config breaks, with the numbers; `code` is the rule's stable name.
package enum PipelineViolation: Error, Hashable, Sendable {
  /// Which end of the pipeline a number is about.
  package enum Edge: String, Hashable, Sendable {
    case first = "num_layers_in_first_pipeline_stage"
    case last = "num_layers_in_last_pipeline_stage"
  }

  // Sizes.
  case sizeNotPositive(name: String, value: Int)
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

  /// The rule's stable code, as in the table of Megatron's constraints.
  package var code: String {
    switch self {
    case .sizeNotPositive: "GPU-09"
    case .numLayersOutOfRange, .mtpNumLayersOutOfRange, .tooManyStages: "PIPE-00"
    case .evenSplit: "PIPE-01"
    case .evenVirtualSplit: "PIPE-02"
    case .virtualWithoutPipeline: "PIPE-03"
    case .layoutWithOtherSplit: "PIPE-04"
    case .edgesWithAccounting: "PIPE-05"
    case .edgeNotPositive, .edgeVirtualSplit: "PIPE-06"
    case .middleMismatch, .middleSplit, .middleVirtualSplit: "PIPE-07"
    case .middleNegative: "PIPE-08"
    case .edgesWithoutMiddleInterleaved: "PIPE-10"
    case .accountingSplit, .accountingVirtualSplit: "PIPE-11"
    case .layoutStages, .layoutVirtual: "PIPE-13"
    case .layoutWithoutPipeline: "PIPE-14"
    case .layoutEmpty, .embeddingNotFirst, .lossNotLast, .embeddingCount, .lossCount: "PIPE-15"
    case .decoderCount, .mtpCount: "PIPE-16"
    case .decoderAfterMTP, .mtpNotInLastChunk, .mtpSplit: "PIPE-17"
    }
  }

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

extension PipelineViolation: CustomStringConvertible {
  /// The rule, stated with the numbers.
  package var description: String {
    switch self {
    case .sizeNotPositive(let name, let value): "\(name) is \(value), but must be at least 1"
    case .numLayersOutOfRange(let value):
      "num_layers is \(value), but must be between 0 and \(TopologyLimits.elements)"
    case .mtpNumLayersOutOfRange(let value):
      "mtp_num_layers is \(value), but must be between 0 and \(TopologyLimits.elements)"
    case .tooManyStages(let pipeline, let virtual):
      "pipeline \(pipeline) x virtual pipeline \(virtual) makes more than \(TopologyLimits.stages) stages"
    case .virtualWithoutPipeline(let virtual):
      "virtual_pipeline_model_parallel_size \(virtual) needs a pipeline_model_parallel_size above 1"
    case .layoutWithOtherSplit:
      "a pipeline layout excludes first and last stage sizes and the account_for_* flags"
    case .edgesWithAccounting: "first or last stage sizes exclude the account_for_* flags"
    case .evenSplit(let layers, let pipeline): "\(layers) layers cannot be split evenly over \(pipeline) stages"
    case .evenVirtualSplit(let layers, let virtual):
      "\(layers) layers a rank cannot be split evenly over \(virtual) virtual stages"
    case .edgeNotPositive(let edge, let value): "\(edge.rawValue) is \(value), but must be at least 1"
    case .edgeVirtualSplit(let edge, let value, let virtual):
      "\(edge.rawValue) \(value) cannot be split evenly over \(virtual) virtual stages"
    case .middleMismatch(let layers, let stages):
      "the first and last stage leave \(layers) layers for \(stages) stages"
    case .middleSplit(let layers, let stages):
      "the \(layers) layers between the first and last stage cannot be split evenly over \(stages) stages"
    case .middleVirtualSplit(let layers, let virtual):
      "the \(layers) layers of a middle stage cannot be split evenly over \(virtual) virtual stages"
    case .middleNegative(let layers, let stages):
      "the first and last stage leave \(layers) layers and \(stages) stages for the middle; neither can be negative"
    case .edgesWithoutMiddleInterleaved(let virtual):
      "first and last stage sizes with only two stages do not work with \(virtual) virtual stages"
    case .accountingSplit(let slots, let pipeline):
      "\(slots) slots (layers and the counted embedding or loss) cannot be split evenly over \(pipeline) stages"
    case .accountingVirtualSplit(let slots, let virtual):
      "\(slots) slots a rank (layers and the counted embedding or loss) cannot be split evenly over \(virtual)"
        + " virtual stages"
    case .layoutStages(let stages, let pipeline):
      "the layout's \(stages) stages cannot be dealt evenly to a pipeline of \(pipeline)"
    case .layoutVirtual(let stages, let pipeline, let virtual):
      "the layout's \(stages) stages on a pipeline of \(pipeline) make \(stages / max(1, pipeline)) virtual stages, not"
        + " \(virtual)"
    case .layoutWithoutPipeline(let stages):
      "the layout has \(stages) stages, but pipeline_model_parallel_size is 1"
    case .layoutEmpty: "the layout holds nothing"
    case .embeddingNotFirst(let found, _): "the layout begins with \(found.rawValue), but must begin with the embedding"
    case .lossNotLast(let found, _): "the layout ends with \(found.rawValue), but must end with the loss"
    case .embeddingCount(let count, _): "the layout holds \(count) embeddings, but must hold one"
    case .lossCount(let count, _): "the layout holds \(count) losses, but must hold one"
    case .decoderCount(let count, let layers): "the layout holds \(count) decoder layers, but num_layers is \(layers)"
    case .mtpCount(let count, let layers):
      "the layout holds \(count) MTP layers, but mtp_num_layers is \(layers.map { "\($0)" } ?? "not set")"
    case .decoderAfterMTP: "a decoder layer follows an MTP layer"
    case .mtpNotInLastChunk: "an MTP layer stands in a virtual stage that is not the last of its rank"
    case .mtpSplit: "the MTP layers stand in more than one stage"
    }
  }
}
