package import Topology

extension BalanceError {
  /// Why the layers cannot be balanced.
  package var message: String {
    switch self {
    case .sizeNotPositive(let name, let value): "\(name.text) is \(value), but must be at least 1"
    case .virtualWithoutPipeline(let virtual):
      "\(SizeName.virtualPipeline.text) \(virtual) needs a \(SizeName.pipeline.text) above 1"
    case .tooManyStages(let pipeline, let virtual):
      "pipeline \(pipeline) x virtual pipeline \(virtual) makes more than \(BalanceLimits.stages) stages"
    case .tooManyLayers(let layers): "\(layers) layers are more than the \(BalanceLimits.layers) that can be balanced"
    case .mtpNumLayersOutOfRange(let layers):
      "mtp_num_layers is \(layers), but must be between 0 and \(BalanceLimits.layers)"
    case .moreStagesThanLayers(let stages, let layers):
      "\(layers) layers cannot fill \(stages) stages; allow empty stages, or use fewer"
    case .unusableWeight(let name, let value): "the weight of \(name) is \(value), but must be a number from 0 up"
    case .layerCount(let weights, let model): "there are weights for \(weights) layers, but the model has \(model)"
    }
  }
}
