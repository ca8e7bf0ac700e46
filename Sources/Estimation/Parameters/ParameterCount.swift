package import LaunchModel

/// The size of a model.
package struct ParameterCount: Hashable, Sendable {
  package let parts: LayerParameters
  package let numDenseLayers: Int
  package let numMoELayers: Int
  package let total: Int
  /// Without embedding and head.
  package let totalWithoutEmbeddings: Int
  /// What one token passes through, without embedding and head: the usual "activated parameters" of papers.
  package let activeWithoutEmbeddings: Int
  /// With the head, which does multiply: the usual choice for 6 N operations.
  package let activeWithHead: Int
  /// With both vocabulary tables.
  package let active: Int
  /// Two-dimensional weights other than embedding and head: what Muon orthogonalises.
  package let muonMatrices: Int

  /// `nil` for sizes that cannot be counted in 64 bits.
  package init?(_ shape: Architecture, vocabSize: Int) {
    guard let parts = LayerParameters(shape, vocabSize: vocabSize) else { return nil }
    self.parts = parts
    numDenseLayers = shape.numDenseLayers
    numMoELayers = shape.numMoELayers
    let layers = { (experts: Int) in
      shape.numDenseLayers * parts.denseLayer + shape.numMoELayers * parts.moeLayer(experts: experts) + parts.finalNorm
    }
    totalWithoutEmbeddings = layers(shape.numMoEExperts)
    total = totalWithoutEmbeddings + parts.embedding + parts.head
    activeWithoutEmbeddings = layers(min(shape.moeRouterTopK, shape.numMoEExperts))
    let multiplied = parts.head == 0 ? parts.embedding : parts.head
    activeWithHead = activeWithoutEmbeddings + multiplied
    active = activeWithoutEmbeddings + parts.embedding + parts.head
    let latentNorms = shape.kvLoraRank + (shape.qLoraRank ?? 0)
    let vectors = shape.numLayers * (parts.norms + latentNorms) + parts.finalNorm
    muonMatrices = totalWithoutEmbeddings - vectors
  }
}
