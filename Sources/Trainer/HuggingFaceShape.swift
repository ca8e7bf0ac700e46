package import Training

extension HuggingFaceConfig {
  /// The `config.json` of a model that this engine trains.
  ///
  /// - Parameter tokenizer: gives the special tokens.
  package init(_ shape: ModelShape, _ tokenizer: (any Tokenizer)? = nil, initializerRange: Double = 0.02) {
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
    routedScalingFactor = shape.routedScalingFactor.decimal
    kvLoraRank = shape.kvLoraRank
    qLoraRank = shape.qLoraRank
    qkRopeHeadDim = shape.qkRopeHeadDim
    qkNopeHeadDim = shape.qkNopeHeadDim
    vHeadDim = shape.vHeadDim
    nGroup = shape.nGroup
    topkGroup = shape.topkGroup
    numExpertsPerTok = shape.numExpertsPerTok
    firstKDenseReplace = shape.firstKDenseReplace
    normTopkProb = shape.normTopkProb
    maxPositionEmbeddings = shape.maxPositionEmbeddings
    self.initializerRange = initializerRange
    rmsNormEps = shape.rmsNormEps.decimal
    ropeTheta = shape.ropeTheta
    ropeScaling = shape.yarn.map { yarn in
      var scaling = RopeScaling(
        factor: yarn.factor, originalMaxPositionEmbeddings: yarn.originalMaxPositionEmbeddings)
      scaling.betaFast = yarn.betaFast
      scaling.betaSlow = yarn.betaSlow
      scaling.mscale = yarn.mscale
      scaling.mscaleAllDim = yarn.mscaleAllDim
      return scaling
    }
    tieWordEmbeddings = shape.tieWordEmbeddings
    bosTokenID = tokenizer?.bos.map(Int.init)
    eosTokenID = tokenizer?.eos.map(Int.init)
    padTokenID = tokenizer?.pad.map(Int.init)
  }
}

extension ModelShape {
  /// The shape that a `config.json` describes.
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

extension Float {
  /// The decimal number that was meant: 2.446 rather than 2.4460000991821289.
  fileprivate var decimal: Double { Double("\(self)") ?? Double(self) }
}
