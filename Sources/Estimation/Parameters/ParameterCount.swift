package import LaunchModel

/// The size of a model.
package struct ParameterCount: Hashable, Sendable {
  package let parts: LayerParameters
  package let numDenseLayers: Int
  package let numMoELayers: Int
  /// With MTP layers.
  package let total: Int
  /// All MTP layers together; embedding and head, which they share, are not among them.
  package let mtp: Int
  /// Without embedding and head.
  package let totalWithoutEmbeddings: Int
  /// What one token passes through, without embedding and head: the usual "activated parameters" of papers. MTP layers
  /// serve training alone and are left out.
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
    let endsInMoE = shape.moeLayers?.last ?? false
    let mtpLayer = endsInMoE ? parts.moeLayer(experts: shape.numMoEExperts) : parts.denseLayer
    mtp = shape.mtpNumLayers * (mtpLayer + parts.mtpProjection + parts.mtpNorms)
    totalWithoutEmbeddings = layers(shape.numMoEExperts) + mtp
    total = totalWithoutEmbeddings + parts.embedding + parts.positions + parts.head
    activeWithoutEmbeddings = layers(min(shape.moeRouterTopK, shape.numMoEExperts))
    let multiplied = parts.head == 0 ? parts.embedding : parts.head
    activeWithHead = activeWithoutEmbeddings + multiplied
    active = activeWithoutEmbeddings + parts.embedding + parts.positions + parts.head
    let vectors =
      shape.numLayers * (parts.norms + parts.attentionVectors) + shape.numDenseLayers * parts.denseMLPVectors
      + shape.numMoELayers * parts.routerVectors + parts.finalNorm
    let mtpVectors =
      parts.norms + parts.attentionVectors + parts.mtpNorms
      + (endsInMoE ? parts.routerVectors : parts.denseMLPVectors)
    muonMatrices = totalWithoutEmbeddings - vectors - shape.mtpNumLayers * mtpVectors
  }
}
