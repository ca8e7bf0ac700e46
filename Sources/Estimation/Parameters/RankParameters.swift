package import LaunchModel
package import Topology

/// The parameters that one rank of a pipeline stage holds, by how Megatron-Core places them.
///
/// Query, key-value up-projection, output, dense and shared MLPs, embedding and head are split by tensor parallelism;
/// down-projections, norms and router are on every rank; routed experts are spread over expert times expert-tensor ranks
/// and not over tensor ranks.
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
  ///   - stages: the chunks of one pipeline rank.
  ///   - tensor, expert, expertTensor: sizes that divide what they split; the rules see to that.
  package init(
    _ parts: LayerParameters, _ shape: Architecture, chunks stages: [PipelineStage], tensor: Int, expert: Int,
    expertTensor: Int, pipeline: Int
  ) {
    var split = 0
    var replicated = 0
    var experts = 0
    var vectors = 0
    var vocabulary = 0
    let latentNorms = shape.kvLoraRank + (shape.qLoraRank ?? 0)
    for stage in stages {
      for layer in stage.layers {
        let isMoE = shape.moeLayers?[layer] ?? false
        split += parts.attentionSplit + (isMoE ? parts.sharedExperts : parts.denseMLP)
        replicated += parts.attentionReplicated + parts.norms + (isMoE ? parts.router : 0)
        experts += isMoE ? shape.numMoEExperts * parts.routedExpert : 0
        vectors += parts.norms + latentNorms
      }
      if stage.embedding { vocabulary += parts.embedding }
      if stage.loss {
        // A tied head on another stage than the embedding is a copy of it.
        vocabulary += parts.head == 0 && pipeline > 1 ? parts.embedding : parts.head
        replicated += parts.finalNorm
        vectors += parts.finalNorm
      }
    }
    self.split = (split + vocabulary) / max(tensor, 1)
    self.replicated = replicated
    self.experts = experts / max(expert * expertTensor, 1)
    denseMatrices = split / max(tensor, 1) + replicated - vectors
  }
}
