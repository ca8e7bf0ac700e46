package import LaunchModel

/// Numbers of parameters of the parts of a model, whole: not yet spread over ranks.
///
/// The shapes are those of transformers' DeepseekV3ForCausalLM and of megatron-core 0.16.1 with Transformer Engine; both
/// give the same counts. The router's correction bias is a buffer, not a parameter.
package struct LayerParameters: Hashable, Sendable {
  /// Projections that tensor parallelism splits: query (or its up-projection), key-value up-projection, output.
  package let attentionSplit: Int
  /// What every tensor-parallel rank holds whole: down-projections to the latents and their norms.
  package let attentionReplicated: Int
  /// The two norms in front of attention and MLP.
  package let norms: Int
  package let denseMLP: Int
  /// One routed expert.
  package let routedExpert: Int
  /// All shared experts together.
  package let sharedExperts: Int
  package let router: Int
  /// The norm behind the last layer.
  package let finalNorm: Int
  package let embedding: Int
  /// 0 where the head is the embedding.
  package let head: Int

  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(_ shape: Architecture, vocabSize: Int) {
    guard shape.isCountable, Double(vocabSize) * Double(shape.hiddenSize) < 4e15 else { return nil }
    let hidden = shape.hiddenSize
    let heads = shape.numAttentionHeads
    let query = heads * (shape.qkHeadDim + shape.qkPosEmbHeadDim)
    let latent = shape.kvLoraRank
    var split = latent * heads * (shape.qkHeadDim + shape.vHeadDim) + heads * shape.vHeadDim * hidden
    var replicated = hidden * (latent + shape.qkPosEmbHeadDim) + latent
    if let rank = shape.qLoraRank {
      split += rank * query
      replicated += hidden * rank + rank
    } else {
      split += hidden * query
    }
    attentionSplit = split
    attentionReplicated = replicated
    let matrices = shape.gatedLinearUnit ? 3 : 2
    norms = 2 * hidden
    denseMLP = matrices * hidden * shape.ffnHiddenSize
    routedExpert = matrices * hidden * shape.moeFFNHiddenSize
    sharedExperts = matrices * hidden * shape.sharedExpertIntermediateSize
    router = hidden * shape.numMoEExperts
    finalNorm = hidden
    embedding = vocabSize * hidden
    head = shape.tiedEmbeddings ? 0 : vocabSize * hidden
  }

  package var attention: Int { attentionSplit + attentionReplicated }
  package var denseLayer: Int { attention + norms + denseMLP }

  /// One MoE layer with so many of its routed experts.
  package func moeLayer(experts: Int) -> Int {
    attention + norms + router + sharedExperts + experts * routedExpert
  }
}
