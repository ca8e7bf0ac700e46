package import LaunchModel
package import Topology

/// What a model chunk, or several together, consist of: enough to count parameters, bytes and operations.
package struct ChunkContents: Hashable, Sendable {
  package private(set) var denseLayers = 0
  package private(set) var moeLayers = 0
  /// MTP layers, each built around a decoder layer like the model's last.
  package private(set) var mtpLayers = 0
  package private(set) var hasEmbedding = false
  package private(set) var hasHead = false

  package var decoderLayers: Int { denseLayers + moeLayers }

  package static let empty = ChunkContents()

  private init() {}

  fileprivate init(denseLayers: Int, moeLayers: Int, mtpLayers: Int, hasEmbedding: Bool, hasHead: Bool) {
    self.denseLayers = denseLayers
    self.moeLayers = moeLayers
    self.mtpLayers = mtpLayers
    self.hasEmbedding = hasEmbedding
    self.hasHead = hasHead
  }

  package static func + (left: ChunkContents, right: ChunkContents) -> ChunkContents {
    ChunkContents(
      denseLayers: left.denseLayers + right.denseLayers, moeLayers: left.moeLayers + right.moeLayers,
      mtpLayers: left.mtpLayers + right.mtpLayers, hasEmbedding: left.hasEmbedding || right.hasEmbedding,
      hasHead: left.hasHead || right.hasHead)
  }
}

/// Which layers of a model are MoE, counted so that any run of layers is known at once.
package struct LayerKinds: Hashable, Sendable {
  /// MoE layers among the first `n`, at `n`.
  private let moeBefore: [Int]
  /// Whether the last decoder layer, and with it every MTP layer, is MoE.
  package let endsInMoE: Bool

  package init(_ shape: Architecture) {
    let isMoE = shape.moeLayers ?? []
    var before = [0]
    before.reserveCapacity(isMoE.count + 1)
    var count = 0
    for layer in isMoE {
      count += layer ? 1 : 0
      before.append(count)
    }
    moeBefore = before
    endsInMoE = isMoE.last ?? false
  }

  /// - Parameter limit: counts only so many layers from the chunk's first.
  package func contents(of chunk: PipelineStage, limit: Int = .max) -> ChunkContents {
    let last = moeBefore.count - 1
    let start = min(chunk.firstLayer, last)
    let end = min(start + min(chunk.numLayers, limit), last)
    let moe = moeBefore[end] - moeBefore[start]
    return ChunkContents(
      denseLayers: end - start - moe, moeLayers: moe, mtpLayers: chunk.mtp, hasEmbedding: chunk.embedding,
      hasHead: chunk.loss)
  }

  /// By pipeline rank, all its chunks together.
  package func contents(of stages: StageMap) -> [ChunkContents] {
    var ranks = [ChunkContents](repeating: .empty, count: stages.pipeline)
    for chunk in stages.stages { ranks[chunk.pp] = ranks[chunk.pp] + contents(of: chunk) }
    return ranks
  }
}
