/// The Hugging Face models of multi-latent attention that a release's Megatron-Bridge builds and loads.
public struct HuggingFaceModels: Sendable {
  /// By what `architectures` of a config.json says.
  public let architectures: [String: Kind]
  /// Whether `num_nextn_predict_layers` becomes MTP layers.
  public let readsNextTokenLayers: Bool

  /// How such a config.json is read.
  public enum Kind: Sendable {
    /// Experts chosen by a softmax, as DeepSeek-V2 does.
    case softmaxRouter
    /// Experts chosen by sigmoids with a bias, as DeepSeek-V3 does.
    case sigmoidRouter
    /// A vision model around a language model of the second kind, which `text_config` describes.
    case vision
  }
}

extension HuggingFaceModels {
  /// megatron-bridge 0.3.1 `models/deepseek`: Kimi-K2 names DeepSeek-V3's architecture.
  static let deepSeek = HuggingFaceModels(
    architectures: ["DeepseekV2ForCausalLM": .softmaxRouter, "DeepseekV3ForCausalLM": .sigmoidRouter],
    readsNextTokenLayers: false)

  /// megatron-bridge 0.5.1 and 0.6.2 `models/deepseek`, `models/kimi`, `models/kimi_vl` and `models/glm`.
  static let deepSeekKimiAndGLM = HuggingFaceModels(
    architectures: [
      "DeepseekV2ForCausalLM": .softmaxRouter, "DeepseekV3ForCausalLM": .sigmoidRouter,
      "KimiK2ForCausalLM": .sigmoidRouter, "KimiK25ForConditionalGeneration": .vision,
      "Glm4MoeLiteForCausalLM": .sigmoidRouter,
    ], readsNextTokenLayers: true)
}
