import RecipeKit

// Models of the same family, with the numbers of their published configs.

extension ModelPreset {
  public static let kimiK2 = ModelPreset(
    "kimi-k2", "Kimi-K2-Instruct: 1.03T parameters, 32.9B active.",
    source: "config.json and tensor list of Kimi-K2-Instruct (0711); YaRN factor 32 over 4096 positions."
  ) {
    deepSeekV3Style
    Model()
      .numLayers(61)
      .hiddenSize(7168)
      .ffnHiddenSize(18_432)
      .numAttentionHeads(64)
      .numQueryGroups(64)
      .qLoraRank(1536)
      .kvLoraRank(512)
      .qkHeadDim(128)
      .qkPosEmbHeadDim(64)
      .vHeadDim(128)
      .vocabSize(163_840)
      .maxPositionEmbeddings(131_072)
      .moeLayerFrequency(.many([0] + Array(repeating: 1, count: 60)))
      .numMoEExperts(384)
      .moeRouterTopK(8)
      .moeFFNHiddenSize(2048)
      .moeSharedExpertIntermediateSize(2048)
      .moeRouterTopKScalingFactor(2.827)
      .rotaryBase(50_000)
      .rotaryScalingFactor(32)
      .originalMaxPositionEmbeddings(4096)
      .betaFast(1)
      .betaSlow(1)
      .layernormEpsilon(1e-6)
  }

  public static let deepSeekV3 = ModelPreset(
    "deepseek-v3", "DeepSeek-V3 without its multi-token prediction layer: 671B parameters, 37.6B active.",
    source: "config.json of DeepSeek-V3; YaRN factor 40 over 4096 positions; 8 expert groups of which 4 are used."
  ) {
    deepSeekV3Style
    Model()
      .numLayers(61)
      .hiddenSize(7168)
      .ffnHiddenSize(18_432)
      .numAttentionHeads(128)
      .numQueryGroups(128)
      .qLoraRank(1536)
      .kvLoraRank(512)
      .qkHeadDim(128)
      .qkPosEmbHeadDim(64)
      .vHeadDim(128)
      .vocabSize(129_280)
      .maxPositionEmbeddings(163_840)
      .moeLayerFrequency(.many(Array(repeating: 0, count: 3) + Array(repeating: 1, count: 58)))
      .numMoEExperts(256)
      .moeRouterTopK(8)
      .moeRouterNumGroups(8)
      .moeRouterGroupTopK(4)
      .moeFFNHiddenSize(2048)
      .moeSharedExpertIntermediateSize(2048)
      .moeRouterTopKScalingFactor(2.5)
      .rotaryBase(10_000)
      .rotaryScalingFactor(40)
      .originalMaxPositionEmbeddings(4096)
      .layernormEpsilon(1e-6)
  }

  public static let deepSeekV2Lite = ModelPreset(
    "deepseek-v2-lite", "DeepSeek-V2-Lite: 15.7B parameters, 2.66B active; softmax router.",
    source: "Published config of DeepSeek-V2-Lite; its YaRN betas were not seen and are DeepSeek's usual 32 and 1."
  ) {
    deepSeekV3Style
    Model()
      .numLayers(27)
      .hiddenSize(2048)
      .ffnHiddenSize(10_944)
      .numAttentionHeads(16)
      .numQueryGroups(16)
      .kvLoraRank(512)
      .qkHeadDim(128)
      .qkPosEmbHeadDim(64)
      .vHeadDim(128)
      .vocabSize(102_400)
      .maxPositionEmbeddings(163_840)
      .moeLayerFrequency(.many([0] + Array(repeating: 1, count: 26)))
      .numMoEExperts(64)
      .moeRouterTopK(6)
      .moeFFNHiddenSize(1408)
      .moeSharedExpertIntermediateSize(2 * 1408)
      .moeRouterScoreFunction(.softmax)
      .moeRouterEnableExpertBias(false)
      .moeRouterTopKScalingFactor(1)
      .rotaryBase(10_000)
      .rotaryScalingFactor(40)
      .originalMaxPositionEmbeddings(4096)
      .mscale(0.707)
      .mscaleAllDim(0.707)
      .layernormEpsilon(1e-6)
  }
}
