import RecipeKit

extension ModelPreset {
  /// The released checkpoint: the one that is 16B with 3B active, and the one that finetuning loads.
  public static let moonlight16BA3B = ModelPreset(
    "moonlight-16b-a3b", "Moonlight-16B-A3B as released: 15.96B parameters, 2.91B active.",
    source: """
      config.json of the released checkpoint: 2 shared experts, intermediate size 11264, vocabulary 163840. They \
      reproduce the size of its weights to the byte.
      """
  ) {
    deepSeekV3Style
    moonlightArchitecture
  }

  /// The numbers of the documentation page, which no released checkpoint has.
  public static let moonlight16BA3BDocumented = ModelPreset(
    "moonlight-16b-a3b-documented", "The numbers of Megatron-Bridge's Moonlight page: 17.26B parameters, 4.21B active.",
    source: """
      Megatron-Bridge's model page: 8 shared experts, intermediate size 10944, vocabulary 151936. No released \
      checkpoint has these shapes, so nothing can be finetuned with them; use moonlight-16b-a3b unless you reproduce \
      that page.
      """
  ) {
    deepSeekV3Style
    moonlightArchitecture
    Model()
      .ffnHiddenSize(10_944)
      .moeSharedExpertIntermediateSize(8 * 1408)
      .vocabSize(151_936)
  }

  /// The same architecture with a few million parameters, for the CPU engine.
  public static let moonlightTiny = ModelPreset(
    "moonlight-tiny", "Moonlight's architecture with 6.0M parameters, for the CPU engine.",
    source: "Made for this package: every ratio near Moonlight's, bytes as tokens."
  ) {
    deepSeekV3Style
    Model()
      .numLayers(6)
      .hiddenSize(192)
      .ffnHiddenSize(576)
      .numAttentionHeads(4)
      .numQueryGroups(4)
      .kvLoraRank(64)
      .qkHeadDim(32)
      .qkPosEmbHeadDim(16)
      .vHeadDim(32)
      .vocabSize(320)
      .makeVocabSizeDivisibleBy(64)
      .maxPositionEmbeddings(1024)
      .moeLayerFrequency(.many([0] + Array(repeating: 1, count: 5)))
      .numMoEExperts(16)
      .moeRouterTopK(4)
      .moeFFNHiddenSize(96)
      .moeSharedExpertIntermediateSize(2 * 96)
      .moeRouterTopKScalingFactor(2.446)
      .rotaryBase(50_000)
      .layernormEpsilon(1e-5)
  }

  private static var moonlightArchitecture: some RecipePart {
    Model()
      .numLayers(27)
      .hiddenSize(2048)
      .ffnHiddenSize(11_264)
      .numAttentionHeads(16)
      .numQueryGroups(16)
      .kvLoraRank(512)
      .qkHeadDim(128)
      .qkPosEmbHeadDim(64)
      .vHeadDim(128)
      .vocabSize(163_840)
      .maxPositionEmbeddings(8192)
      .moeLayerFrequency(.many([0] + Array(repeating: 1, count: 26)))
      .numMoEExperts(64)
      .moeRouterTopK(6)
      .moeFFNHiddenSize(1408)
      .moeSharedExpertIntermediateSize(2 * 1408)
      .moeRouterTopKScalingFactor(2.446)
      .rotaryBase(50_000)
      .layernormEpsilon(1e-5)
  }

  /// What DeepSeek-V3 and its relatives share, and the kernels that Megatron-Bridge chooses for them: what a preset of
  /// one's own begins with.
  public static var deepSeekV3Style: some RecipePart {
    Model()
      .multiLatentAttention(true)
      .qLoraRank(nil)
      .qkLayernorm(true)
      .positionEmbeddingType(.rope)
      .ropeType(.yarn)
      .rotaryScalingFactor(1)
      .mscale(1)
      .mscaleAllDim(1)
      .normalization(.rmsNorm)
      .activationFunction(.silu)
      .gatedLinearUnit(true)
      .addBiasLinear(false)
      .shareEmbeddingsAndOutputWeights(false)
      .makeVocabSizeDivisibleBy(1280)
      .hiddenDropout(0)
      .attentionDropout(0)
      .initMethodStd(0.02)
      .moeRouterScoreFunction(.sigmoid)
      .moeRouterPreSoftmax(true)
      .moeRouterEnableExpertBias(true)
      .moeRouterBiasUpdateRate(1e-3)
      .moeRouterNumGroups(1)
      .moeRouterGroupTopK(1)
      .moeRouterDataType(.fp32)
      .moeRouterLoadBalancingType(.one(.sequenceAuxLoss))
      .moeAuxLossCoefficient(.one(0.001))
      .moeGroupedGEMM(true)
      .moePermuteFusion(true)
      .moeTokenDispatcherType(.alltoall)
      .moeSharedExpertOverlap(true)
      .transformerImplementation(.transformerEngine)
      .gradientAccumulationFusion(true)
      .crossEntropyLossFusion(true)
      .crossEntropyFusionImplementation(.te)
      .biasActivationFusion(true)
      .biasDropoutFusion(true)
      .persistLayerNorm(true)
      .applyRopeFusion(false)
  }
}
