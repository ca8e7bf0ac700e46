import LaunchModel

/// The parameters that one rank of a pipeline stage holds, by how Megatron-Core places them.
///
/// Query, key-value up-projection, output, dense and shared MLPs, embedding and head are split by tensor parallelism;
/// down-projections, norms and router are on every rank; routed experts are spread over expert times expert-tensor
/// ranks and not over tensor ranks.
package struct RankParameters: Hashable, Sendable {
  package let split: Int
  package let replicated: Int
  package let experts: Int
  /// The share of `split + replicated` that is two-dimensional and neither embedding nor head.
  package let denseMatrices: Int

  /// What data-parallel replicas of the dense layers share.
  package var dense: Int { split + replicated }
  package var total: Int { split + replicated + experts }

  /// - Parameters:
  ///   - contents: of all chunks of one pipeline rank.
  ///   - endsInMoE: whether MTP layers are MoE layers.
  ///   - tensor, expert, expertTensor: sizes that divide what they split; the rules see to that.
  package init(
    _ parts: LayerParameters, numExperts: Int, _ contents: ChunkContents, endsInMoE: Bool, tensor: Int, expert: Int,
    expertTensor: Int, pipeline: Int
  ) {
    let mtp = contents.mtpLayers
    let dense = contents.denseLayers + (endsInMoE ? 0 : mtp)
    let moe = contents.moeLayers + (endsInMoE ? mtp : 0)
    let layers = dense + moe
    let split =
      layers * parts.attentionSplit + dense * parts.denseMLPSplit + moe * parts.sharedExperts
      + mtp * parts.mtpProjection
    var replicated =
      layers * (parts.attentionReplicated + parts.norms) + dense * parts.denseMLPReplicated + moe * parts.router
      + mtp * parts.mtpNorms
    var vectors =
      layers * (parts.attentionVectors + parts.norms) + dense * parts.denseMLPVectors + moe * parts.routerVectors
      + mtp * parts.mtpNorms
    var vocabulary = 0
    // An MTP layer looks tokens up once more, so its stage has a copy of the embedding.
    if contents.hasEmbedding || mtp > 0 {
      vocabulary += parts.embedding
      replicated += parts.positions
      vectors += parts.positions
    }
    if contents.hasHead || mtp > 0 {
      // A tied head on another stage than the embedding is a copy of it.
      vocabulary += parts.head == 0 && pipeline > 1 && !contents.hasEmbedding ? parts.embedding : parts.head
    }
    if contents.hasHead {
      replicated += parts.finalNorm
      vectors += parts.finalNorm
    }
    self.split = (split + vocabulary) / max(tensor, 1)
    self.replicated = replicated
    experts = moe * numExperts * parts.routedExpert / max(expert * expertTensor, 1)
    denseMatrices = split / max(tensor, 1) + replicated - vectors
  }
}
