/// A `config.json` of `DeepseekV3ForCausalLM`, by Hugging Face's names.
///
/// Defaults are those of transformers 4.57.6's `DeepseekV3Config`, which apply to keys that a file leaves out.
package struct HuggingFaceConfig: Hashable, Sendable {
  package static let fileName = "config.json"
  package static let architecture = "DeepseekV3ForCausalLM"

  package var vocabSize = 129_280
  package var hiddenSize = 7168
  /// Width of the dense layers' MLP.
  package var intermediateSize = 18_432
  package var moeIntermediateSize = 2048
  package var numHiddenLayers = 61
  package var numAttentionHeads = 128
  package var numKeyValueHeads = 128
  package var nSharedExperts = 1
  package var nRoutedExperts = 256
  package var routedScalingFactor = 2.5
  package var kvLoraRank = 512
  /// `nil`: queries are projected in one matrix.
  package var qLoraRank: Int? = 1536
  package var qkRopeHeadDim = 64
  package var qkNopeHeadDim = 128
  package var vHeadDim = 128
  package var nGroup = 8
  package var topkGroup = 4
  package var numExpertsPerTok = 8
  package var firstKDenseReplace = 3
  package var normTopkProb = true
  package var hiddenAct = "silu"
  package var maxPositionEmbeddings = 4096
  package var initializerRange = 0.02
  package var rmsNormEps = 1e-6
  package var ropeTheta = 10_000.0
  package var ropeScaling: RopeScaling?
  package var ropeInterleave = true
  package var attentionBias = false
  package var attentionDropout = 0.0
  package var tieWordEmbeddings = false
  /// `sigmoid` in every released model of the family; transformers computes nothing else.
  package var scoringFunc = "sigmoid"
  package var topkMethod = "noaux_tc"
  package var auxLossAlpha = 0.0
  package var seqAux = true
  package var numNextnPredictLayers = 0
  package var bosTokenID: Int?
  package var eosTokenID: Int?
  package var padTokenID: Int?
  /// The type of the stored weights, as torch names it: `bfloat16`, `float32`, `float16`.
  package var dtype = "float32"

  package init() {}

  /// `rope_scaling` of type `yarn`.
  package struct RopeScaling: Hashable, Sendable {
    package var factor: Double
    /// `nil` only while a file is read: `max_position_embeddings` then takes its place.
    package var originalMaxPositionEmbeddings: Int?
    package var betaFast = 32.0
    package var betaSlow = 1.0
    package var mscale = 1.0
    package var mscaleAllDim = 0.0

    package init(factor: Double, originalMaxPositionEmbeddings: Int?) {
      self.factor = factor
      self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
    }
  }
}

/// Why a `config.json` is not one that the engine can run.
package struct HuggingFaceConfigError: Error, Hashable, CustomStringConvertible {
  package let file: String
  package let message: String

  package var description: String { "\(file): \(message)" }
}
