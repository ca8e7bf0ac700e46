package import LaunchModel

/// Numbers of parameters of the parts of a model, whole: not yet spread over ranks.
///
/// The shapes are those that megatron-core 0.16.1 builds with Transformer Engine, which for the DeepSeek family are
/// also those of transformers' DeepseekV3ForCausalLM; a later core may norm the input of the query projection besides.
/// The router's correction bias is a buffer, not a parameter.
package struct LayerParameters: Hashable, Sendable {
  /// What tensor parallelism splits: the query (or its up-projection), the key-value up-projection, the output.
  package let attentionSplit: Int
  /// What every tensor-parallel rank holds whole: down-projections to the latents, norms, biases of the output.
  package let attentionReplicated: Int
  /// How many of both stand in vectors, not in matrices.
  package let attentionVectors: Int
  /// The two norms in front of attention and MLP.
  package let norms: Int
  /// What tensor parallelism splits of a dense MLP.
  package let denseMLPSplit: Int
  /// The bias of its second matrix.
  package let denseMLPReplicated: Int
  /// How many of both stand in vectors.
  package let denseMLPVectors: Int
  /// One routed expert.
  package let routedExpert: Int
  /// All shared experts together.
  package let sharedExperts: Int
  package let router: Int
  /// How many of the router's stand in a vector.
  package let routerVectors: Int
  /// The norm behind the last layer.
  package let finalNorm: Int
  package let embedding: Int
  /// Learned positions; 0 for rotations.
  package let positions: Int
  /// 0 where the head is the embedding.
  package let head: Int
  /// What an MTP layer has beside its decoder layer: the projection of two hidden states to one, which is split.
  package let mtpProjection: Int
  /// And three norms.
  package let mtpNorms: Int

  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(_ shape: Architecture, vocabSize: Int) {
    guard shape.isCountable, Double(vocabSize) * Double(shape.hiddenSize) < 4e15 else { return nil }
    let hidden = shape.hiddenSize
    let norm = shape.normVectors
    let bias = shape.hasBiases ? 1 : 0
    let attention = shape.isLatentAttention ? Self.latentAttention(shape) : Self.plainAttention(shape)
    attentionSplit = attention.split
    attentionReplicated = attention.replicated + bias * hidden
    attentionVectors = attention.vectors + bias * hidden
    norms = 2 * hidden * norm

    // A gate doubles the first matrix.
    let first = shape.gatedLinearUnit ? 2 : 1
    denseMLPSplit = (first + 1) * hidden * shape.ffnHiddenSize + bias * first * shape.ffnHiddenSize
    denseMLPReplicated = bias * hidden
    denseMLPVectors = bias * (first * shape.ffnHiddenSize + hidden)
    let width = shape.moeFFNHiddenSize
    routedExpert = (first + 1) * hidden * width + bias * (first * width + hidden)
    sharedExperts = (first + 1) * hidden * shape.sharedExpertIntermediateSize
    router = (hidden + bias) * shape.numMoEExperts
    routerVectors = bias * shape.numMoEExperts

    finalNorm = hidden * norm
    embedding = vocabSize * hidden
    positions = shape.numPositions * hidden
    head = shape.tiedEmbeddings ? 0 : vocabSize * hidden
    mtpProjection = 2 * hidden * hidden
    mtpNorms = 3 * hidden * norm
  }

  private static func latentAttention(_ shape: Architecture) -> (split: Int, replicated: Int, vectors: Int) {
    let hidden = shape.hiddenSize
    let heads = shape.numAttentionHeads
    let query = heads * (shape.qkHeadDim + shape.qkPosEmbHeadDim)
    let latent = shape.kvLoraRank
    var split = latent * heads * (shape.qkHeadDim + shape.vHeadDim) + heads * shape.vHeadDim * hidden
    var replicated = hidden * (latent + shape.qkPosEmbHeadDim)
    if let rank = shape.qLoraRank {
      split += rank * query
      replicated += hidden * rank
    } else {
      split += hidden * query
    }
    let latents = shape.normalizesQueriesAndKeys ? latent + (shape.qLoraRank ?? 0) : 0
    let normed = latents + (shape.normalizesQueryInput ? hidden : 0)
    let vectors = normed * shape.normVectors
    return (split, replicated + vectors, vectors)
  }

  private static func plainAttention(_ shape: Architecture) -> (split: Int, replicated: Int, vectors: Int) {
    let query = shape.numAttentionHeads * shape.kvChannels
    let all = query + 2 * shape.numQueryGroups * shape.kvChannels
    let bias = shape.hasQueryKeyValueBias ? all : 0
    let norms = shape.normalizesQueriesAndKeys ? 2 * shape.kvChannels * shape.normVectors : 0
    return (shape.hiddenSize * (all + query) + bias, norms, bias + norms)
  }

  package var attention: Int { attentionSplit + attentionReplicated }
  package var denseMLP: Int { denseMLPSplit + denseMLPReplicated }
  package var denseLayer: Int { attention + norms + denseMLP }

  /// One MoE layer with so many of its routed experts.
  package func moeLayer(experts: Int) -> Int {
    attention + norms + router + sharedExperts + experts * routedExpert
  }
}
