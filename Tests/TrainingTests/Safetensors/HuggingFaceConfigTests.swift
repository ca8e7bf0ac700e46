import Testing

@testable import Training

@Suite("config.json")
struct HuggingFaceConfigTests {
  static func read(_ json: String) throws -> HuggingFaceConfig {
    try Array(json.utf8).withUnsafeBytes { try HuggingFaceConfig($0, file: "config.json") }
  }

  @Test("transformers' file is read with all its dimensions")
  func readsFixture() throws {
    let config = try HuggingFaceConfig(file: fixture("safetensors/tiny-sharded/config.json"))
    var expected = HuggingFaceConfig()
    expected.vocabSize = 24
    expected.hiddenSize = 8
    expected.intermediateSize = 12
    expected.moeIntermediateSize = 4
    expected.numHiddenLayers = 2
    expected.numAttentionHeads = 2
    expected.numKeyValueHeads = 2
    expected.nSharedExperts = 1
    expected.nRoutedExperts = 4
    expected.numExpertsPerTok = 2
    expected.nGroup = 1
    expected.topkGroup = 1
    expected.firstKDenseReplace = 1
    expected.kvLoraRank = 4
    expected.qLoraRank = nil
    expected.qkRopeHeadDim = 2
    expected.qkNopeHeadDim = 4
    expected.vHeadDim = 4
    expected.maxPositionEmbeddings = 32
    expected.ropeTheta = 50_000
    expected.routedScalingFactor = 2.446
    expected.rmsNormEps = 1e-5
    expected.bosTokenID = 1
    expected.eosTokenID = 2
    expected.dtype = "bfloat16"
    #expect(config == expected)
  }

  @Test("YaRN is read")
  func readsYarn() throws {
    let config = try HuggingFaceConfig(file: fixture("safetensors/yarn-config.json"))
    var expected = HuggingFaceConfig.RopeScaling(factor: 4, originalMaxPositionEmbeddings: 8)
    expected.mscale = 0.7
    expected.mscaleAllDim = 1
    #expect(config.ropeScaling == expected)
    #expect(config.qLoraRank == 6)
  }

  @Test("Variants of real files are read")
  func readsVariants() throws {
    let kimi = try Self.read(
      #"{"architectures":["DeepseekV3ForCausalLM"],"model_type":"kimi_k2","n_group":null,"topk_group":null}"#)
    #expect(kimi.nGroup == 1 && kimi.topkGroup == 1)
    let later = try Self.read(
      #"{"model_type":"deepseek_v3","rope_parameters":{"rope_theta":50000.0,"rope_type":"default"},"dtype":"float16"}"#)
    #expect(later.ropeTheta == 50_000 && later.ropeScaling == nil && later.dtype == "float16")
  }

  @Test("What is written reads back equal", arguments: ["tiny-sharded/config.json", "yarn-config.json"])
  func roundTrips(name: String) throws {
    let config = try HuggingFaceConfig(file: fixture("safetensors/\(name)"))
    #expect(try Self.read(config.json) == config)
  }

  @Test(
    "What the engine cannot compute is refused with its reason",
    arguments: [
      (#"{"architectures":["LlamaForCausalLM"]}"#, "the architecture is LlamaForCausalLM, not DeepseekV3ForCausalLM"),
      (#"{"model_type":"llama"}"#, "model_type is llama"),
      ("{}", "neither architectures nor model_type"),
      (#"{"model_type":"deepseek_v3","hidden_size":"8"}"#, "hidden_size: expected number, found string"),
      (#"{"model_type":"deepseek_v3","hidden_size":-1}"#, "hidden_size: -1 is out of range"),
      (#"{"model_type":"deepseek_v3","scoring_func":"softmax"}"#, "scoring_func is softmax"),
      (#"{"model_type":"deepseek_v3","attention_bias":true}"#, "attention_bias"),
      (#"{"model_type":"deepseek_v3","num_attention_heads":4}"#, "num_key_value_heads is 128"),
      (#"{"model_type":"deepseek_v3","hidden_act":"gelu"}"#, "hidden_act is gelu"),
      (#"{"model_type":"deepseek_v3","rope_interleave":false}"#, "rope_interleave"),
      (#"{"model_type":"deepseek_v3","rope_scaling":{"type":"linear","factor":2}}"#, "yarn is computed"),
      (#"{"model_type":"deepseek_v3","rope_scaling":{"type":"yarn"}}"#, "factor is missing"),
      ("[1]", "expected object"),
    ])
  func refuses(json: String, problem: String) throws {
    #expect(try #require(message { _ = try Self.read(json) }).contains(problem))
  }
}
