extension ModelShape {
  /// The architecture that a `config.json` describes.
  package init(_ config: HuggingFaceConfig) {
    self.init(
      vocabSize: config.vocabSize, hiddenSize: config.hiddenSize, intermediateSize: config.intermediateSize,
      moeIntermediateSize: config.moeIntermediateSize, numHiddenLayers: config.numHiddenLayers,
      numAttentionHeads: config.numAttentionHeads, nSharedExperts: config.nSharedExperts,
      nRoutedExperts: config.nRoutedExperts, numExpertsPerTok: config.numExpertsPerTok, nGroup: config.nGroup,
      topkGroup: config.topkGroup, routedScalingFactor: Float(config.routedScalingFactor),
      normTopkProb: config.normTopkProb, firstKDenseReplace: config.firstKDenseReplace,
      kvLoraRank: config.kvLoraRank, qLoraRank: config.qLoraRank, qkNopeHeadDim: config.qkNopeHeadDim,
      qkRopeHeadDim: config.qkRopeHeadDim, vHeadDim: config.vHeadDim, ropeTheta: config.ropeTheta,
      yarn: config.ropeScaling.map { scaling in
        YarnScaling(
          factor: scaling.factor,
          originalMaxPositionEmbeddings: scaling.originalMaxPositionEmbeddings ?? config.maxPositionEmbeddings,
          betaFast: scaling.betaFast, betaSlow: scaling.betaSlow, mscale: scaling.mscale,
          mscaleAllDim: scaling.mscaleAllDim)
      },
      maxPositionEmbeddings: config.maxPositionEmbeddings, rmsNormEps: Float(config.rmsNormEps),
      tieWordEmbeddings: config.tieWordEmbeddings)
  }
}

extension HuggingFaceConfig {
  /// The `config.json` of a shape; what a shape does not hold keeps Moonlight's value.
  package init(_ shape: ModelShape) {
    self.init()
    vocabSize = shape.vocabSize
    hiddenSize = shape.hiddenSize
    intermediateSize = shape.intermediateSize
    moeIntermediateSize = shape.moeIntermediateSize
    numHiddenLayers = shape.numHiddenLayers
    numAttentionHeads = shape.numAttentionHeads
    numKeyValueHeads = shape.numAttentionHeads
    nSharedExperts = shape.nSharedExperts
    nRoutedExperts = shape.nRoutedExperts
    numExpertsPerTok = shape.numExpertsPerTok
    nGroup = shape.nGroup
    topkGroup = shape.topkGroup
    // Through the shortest text: 2.446 as a float is not 2.446 as a double.
    routedScalingFactor = Double("\(shape.routedScalingFactor)") ?? Double(shape.routedScalingFactor)
    normTopkProb = shape.normTopkProb
    firstKDenseReplace = shape.firstKDenseReplace
    kvLoraRank = shape.kvLoraRank
    qLoraRank = shape.qLoraRank
    qkNopeHeadDim = shape.qkNopeHeadDim
    qkRopeHeadDim = shape.qkRopeHeadDim
    vHeadDim = shape.vHeadDim
    ropeTheta = shape.ropeTheta
    maxPositionEmbeddings = shape.maxPositionEmbeddings
    rmsNormEps = Double("\(shape.rmsNormEps)") ?? Double(shape.rmsNormEps)
    tieWordEmbeddings = shape.tieWordEmbeddings
    ropeScaling = shape.yarn.map { yarn in
      var scaling = RopeScaling(
        factor: yarn.factor, originalMaxPositionEmbeddings: yarn.originalMaxPositionEmbeddings)
      scaling.betaFast = yarn.betaFast
      scaling.betaSlow = yarn.betaSlow
      scaling.mscale = yarn.mscale
      scaling.mscaleAllDim = yarn.mscaleAllDim
      return scaling
    }
  }
}
