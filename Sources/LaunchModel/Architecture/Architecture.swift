/// The shape of the model as plain numbers, with Megatron's defaults for what is not written.
///
/// Everything that counts parameters, bytes or operations starts from here. A dimension that does not exist is 0.
public struct Architecture: Hashable, Sendable {
  public let numLayers: Int
  public let hiddenSize: Int
  public let ffnHiddenSize: Int
  public let numAttentionHeads: Int
  /// Whether keys and values come from a latent (MLA); otherwise ``numQueryGroups`` and ``kvChannels`` count.
  public let isLatentAttention: Bool
  /// Key-value heads of plain attention.
  public let numQueryGroups: Int
  /// Width of a head of plain attention.
  public let kvChannels: Int
  /// Whether latents, or queries and keys of plain attention, are normalised.
  public let normalizesQueriesAndKeys: Bool
  /// Whether the hidden states are normalised once more in front of the query projection.
  public let normalizesQueryInput: Bool
  /// `nil` for one full query projection.
  public let qLoraRank: Int?
  public let kvLoraRank: Int
  public let qkHeadDim: Int
  public let qkPosEmbHeadDim: Int
  public let vHeadDim: Int
  /// 0 for a dense model.
  public let numMoEExperts: Int
  public let moeRouterTopK: Int
  public let moeFFNHiddenSize: Int
  /// Width of all shared experts together; 0 for none.
  public let sharedExpertIntermediateSize: Int
  /// For each decoder layer whether it is MoE; `nil` where `moe_layer_freq` fits no pattern of Megatron's.
  public let moeLayers: [Bool]?
  public let vocabSize: Int
  public let tiedEmbeddings: Bool
  public let gatedLinearUnit: Bool
  /// Vectors of a norm: a gain, and for LayerNorm an offset.
  public let normVectors: Int
  /// Whether output projection, MLPs and router have biases.
  public let hasBiases: Bool
  /// Whether queries, keys and values of plain attention have biases.
  public let hasQueryKeyValueBias: Bool
  /// Rows of learned positions; 0 for rotations, which have no parameters.
  public let numPositions: Int
  public let mtpNumLayers: Int

  public init(_ config: borrowing LaunchConfig) {
    let model = config.model
    numLayers = model.numLayers
    hiddenSize = model.hiddenSize
    ffnHiddenSize = UnsetSize.ffnHiddenSize.size(in: config)
    numAttentionHeads = model.numAttentionHeads
    isLatentAttention = model.multiLatentAttention
    numQueryGroups = UnsetSize.numQueryGroups.size(in: config)
    kvChannels = UnsetSize.kvChannels.size(in: config)
    normalizesQueriesAndKeys = model.qkLayernorm
    normalizesQueryInput = config.isContainer && AddedQueryNorm(config) != nil
    qLoraRank = model.qLoraRank
    kvLoraRank = model.kvLoraRank
    qkHeadDim = model.qkHeadDim
    qkPosEmbHeadDim = model.qkPosEmbHeadDim
    vHeadDim = model.vHeadDim
    numMoEExperts = model.numMoEExperts ?? 0
    moeRouterTopK = model.moeRouterTopK
    moeFFNHiddenSize = UnsetSize.moeFFNHiddenSize.size(in: config)
    sharedExpertIntermediateSize = model.moeSharedExpertIntermediateSize ?? 0
    moeLayers = Self.moeLayers(model.moeLayerFrequency, numLayers: model.numLayers, isMoE: model.numMoEExperts != nil)
    vocabSize = model.vocabSize ?? config.tokenizer.vocabSize ?? 0
    tiedEmbeddings = model.shareEmbeddingsAndOutputWeights
    gatedLinearUnit = model.gatedLinearUnit
    normVectors = model.normalization == .layerNorm ? 2 : 1
    hasBiases = model.addBiasLinear
    hasQueryKeyValueBias = model.addBiasLinear || model.addQKVBias
    numPositions = model.positionEmbeddingType == .learnedAbsolute ? model.maxPositionEmbeddings : 0
    mtpNumLayers = model.mtpNumLayers ?? 0
  }

  /// Megatron's reading of `moe_layer_freq` (megatron-core 0.16.1, `gpt_layer_specs.py`): every n-th layer from the
  /// first, or a list with one 0 or 1 a layer.
  static func moeLayers(_ frequency: OneOrMany<Int>, numLayers: Int, isMoE: Bool) -> [Bool]? {
    guard numLayers > 0, numLayers <= 1 << 20 else { return nil }
    guard isMoE else { return Array(repeating: false, count: numLayers) }
    switch frequency {
    case .one(let every):
      return every < 1 ? nil : (0..<numLayers).map { $0 % every == 0 }
    case .many(let pattern):
      guard pattern.count == numLayers, pattern.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }
      return pattern.map { $0 == 1 }
    }
  }

  /// Whether every count of parameters fits 53 bits with room to spare, so that sums and products of them are exact. No
  /// model that exists comes near the limit; a typo in a size does.
  public var isCountable: Bool {
    let hidden = Double(hiddenSize)
    let heads = Double(numAttentionHeads)
    let query = heads * Double(qkHeadDim + qkPosEmbHeadDim)
    let value = heads * Double(vHeadDim)
    let latents = Double(kvLoraRank) + Double(qLoraRank ?? 0) + Double(qkPosEmbHeadDim)
    let plain = (heads + 2 * Double(numQueryGroups)) * Double(kvChannels)
    let attention = (hidden + latents + 1) * (query + value + heads * Double(qkHeadDim) + latents + plain + 1)
    let experts = (Double(numMoEExperts) + 1) * (Double(moeFFNHiddenSize) + 1)
    let mlp = 3 * hidden * (Double(ffnHiddenSize) + Double(sharedExpertIntermediateSize) + experts)
    return (Double(numLayers) + Double(mtpNumLayers) + 1) * (attention + mlp + hidden * hidden)
      + 2 * hidden * (Double(vocabSize) + Double(numPositions) + 1) < 4e15
  }

  public var numDenseLayers: Int { moeLayers?.count { !$0 } ?? 0 }
  public var numMoELayers: Int { moeLayers?.count { $0 } ?? 0 }
}
