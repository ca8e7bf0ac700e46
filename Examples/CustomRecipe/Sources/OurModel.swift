import MoonlightRecipes
import RecipeKit

extension ModelPreset {
  /// An architecture of our own; Examples/fields.md lists what there is to set.
  static let our47Layers = ModelPreset(
    "our-47-layers", "47 layers with 160 experts each.", source: "Sized for our cluster."
  ) {
    deepSeekV3Style
    Model()
      .numLayers(47)
      .hiddenSize(2048)
      .ffnHiddenSize(10_240)
      .numAttentionHeads(16)
      .numQueryGroups(16)
      .kvLoraRank(512)
      .qkHeadDim(128)
      .qkPosEmbHeadDim(64)
      .vHeadDim(128)
      .vocabSize(163_840)
      .maxPositionEmbeddings(8192)
      .moeLayerFrequency(.many([0] + Array(repeating: 1, count: 46)))
      .numMoEExperts(160)
      .moeRouterTopK(8)
      .moeFFNHiddenSize(768)
      .moeSharedExpertIntermediateSize(2 * 768)
      .moeRouterTopKScalingFactor(2.5)
      .rotaryBase(50_000)
  }
}
