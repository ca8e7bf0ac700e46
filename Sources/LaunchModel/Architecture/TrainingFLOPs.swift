/// Floating-point operations of training one token, forward and backward, by part of the model.
///
/// The formulas of Megatron-LM's `num_floating_point_operations` for MLA and MoE: 6 operations a weight (2 for
/// multiply-add, times forward, input gradient and weight gradient); attention scores count half for the causal mask;
/// router, norms and embedding lookup are not counted.
public struct TrainingFLOPs: Hashable, Sendable {
  /// Projections of one layer's attention.
  public let attentionProjections: Double
  /// The query's part of them.
  public let queryProjection: Double
  /// The part that makes keys and values of the latent; 0 for plain attention.
  public let upProjection: Double
  /// Scores and weighted values of one layer, at the given sequence length.
  public let attentionCore: Double
  public let denseMLP: Double
  public let routedExperts: Double
  public let sharedExperts: Double
  /// Not in Megatron's count; part of a layer's weight in pipeline balancing.
  public let router: Double
  public let head: Double
  /// What an MTP layer has beside a decoder layer and the head: the projection of two hidden states to one, and three
  /// norms.
  public let mtpProjection: Double

  /// - Parameters:
  ///   - shape: the model.
  ///   - sequenceLength: tokens that attend to each other.
  public init(_ shape: Architecture, sequenceLength: Int) {
    let hidden = Double(shape.hiddenSize)
    let heads = Double(shape.numAttentionHeads)
    if shape.isLatentAttention {
      let query = Double(shape.qkHeadDim + shape.qkPosEmbHeadDim)
      let value = Double(shape.vHeadDim)
      let latent = Double(shape.kvLoraRank)
      queryProjection =
        shape.qLoraRank.map { 6 * Double($0) * (hidden + heads * query + 1) } ?? (6 * hidden * heads * query)
      upProjection = 6 * latent * heads * (Double(shape.qkHeadDim) + value)
      attentionProjections =
        queryProjection + upProjection
        + 6 * (latent * (hidden + 1) + hidden * Double(shape.qkPosEmbHeadDim) + heads * value * hidden)
      attentionCore = 6 * Double(sequenceLength) * heads * (query + value) / 2
    } else {
      let query = heads * Double(shape.kvChannels)
      let keysAndValues = 2 * Double(shape.numQueryGroups) * Double(shape.kvChannels)
      queryProjection = 6 * hidden * query
      upProjection = 0
      attentionProjections = 6 * hidden * (query + keysAndValues + query)
      attentionCore = 6 * Double(sequenceLength) * query
    }
    let matrices: Double = shape.gatedLinearUnit ? 3 : 2
    denseMLP = 6 * hidden * matrices * Double(shape.ffnHiddenSize)
    routedExperts = 6 * hidden * matrices * Double(shape.moeFFNHiddenSize) * Double(shape.moeRouterTopK)
    sharedExperts = 6 * hidden * matrices * Double(shape.sharedExpertIntermediateSize)
    router = 6 * hidden * Double(shape.numMoEExperts)
    head = 6 * hidden * Double(shape.vocabSize)
    mtpProjection = 6 * (2 * hidden * hidden + 3 * hidden)
  }

  /// One dense layer.
  public var denseLayer: Double { attentionProjections + attentionCore + denseMLP }

  /// One MoE layer as Megatron counts it.
  public var moeLayer: Double { attentionProjections + attentionCore + routedExperts + sharedExperts }
}
