/// Why layers cannot be balanced, or loads not be computed.
package enum BalanceError: Error, Hashable, Sendable {
  case sizeNotPositive(SizeName, Int)
  case virtualWithoutPipeline(virtualPipeline: Int)
  case tooManyStages(pipeline: Int, virtualPipeline: Int)
  case tooManyLayers(Int)
  case mtpNumLayersOutOfRange(Int)
  /// Without empty stages each stage needs a layer.
  case moreStagesThanLayers(stages: Int, layers: Int)
  /// A weight that is negative, infinite or no number.
  case unusableWeight(name: String, value: Double)
  /// The weights are for another number of layers than the model has.
  case layerCount(weights: Int, model: Int)
}
