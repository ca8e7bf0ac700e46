import ConfigDocument
import LaunchModel
import Releases
import Testing

@testable import Importers

@Suite("config.json of Moonlight's relatives")
struct HuggingFaceModelTests {
  /// What the models have in common, as DeepSeek-V2-Lite publishes it, with entries changed or (`nil`) removed.
  private func document(_ changes: [String: String?]) -> ParsedDocument {
    var entries: [String: String] = [
      "architectures": "[\"DeepseekV2ForCausalLM\"]", "model_type": "\"deepseek_v2\"", "vocab_size": "102400",
      "hidden_size": "2048", "intermediate_size": "10944", "moe_intermediate_size": "1408", "num_hidden_layers": "3",
      "num_attention_heads": "16", "n_shared_experts": "2", "n_routed_experts": "64", "num_experts_per_tok": "6",
      "n_group": "1", "topk_group": "1", "routed_scaling_factor": "1.0", "norm_topk_prob": "false",
      "first_k_dense_replace": "1", "moe_layer_freq": "1", "kv_lora_rank": "512", "q_lora_rank": "null",
      "qk_nope_head_dim": "128", "qk_rope_head_dim": "64", "v_head_dim": "128", "rope_theta": "10000",
      "max_position_embeddings": "163840", "rms_norm_eps": "1e-06", "scoring_func": "\"softmax\"",
      "topk_method": "\"greedy\"",
    ]
    for (key, value) in changes { entries[key] = value }
    let text = entries.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
    return DocumentReader.read(text: "{\(text)}", name: "config.json", format: .json)
  }

  private static let v3: [String: String?] = [
    "architectures": "[\"DeepseekV3ForCausalLM\"]", "model_type": "\"deepseek_v3\"", "norm_topk_prob": "true",
    "scoring_func": "\"sigmoid\"", "topk_method": "\"noaux_tc\"",
  ]

  private static func v3(_ changes: [String: String?]) -> [String: String?] { v3.merging(changes) { $1 } }

  private func value(_ path: FieldPath, _ model: HuggingFaceModel) -> ConfigValue? {
    model.settings.first { $0.path == path }?.value
  }

  @Test(
    "Each is read as its release reads it",
    arguments: [
      ([:], Release.bridge062, Path.model.moeRouterScoreFunction, "softmax"),
      ([:], .bridge062, Path.model.moeRouterEnableExpertBias, false),
      (v3, .bridge062, Path.model.moeRouterEnableExpertBias, true),
      (v3(["num_nextn_predict_layers": "1"]), .bridge062, Path.model.mtpNumLayers, 1),
      (v3(["num_nextn_predict_layers": "1"]), .bridge051, Path.model.mtpNumLayers, 1),
      (v3(["num_nextn_predict_layers": "1"]), .bridge031, Path.model.mtpNumLayers, .null),
      (v3(["num_nextn_predict_layers": "0"]), .bridge062, Path.model.mtpNumLayers, .null),
      (v3(["model_type": "\"kimi_k2\""]), .bridge031, Path.model.numLayers, 3),
      (v3(["architectures": nil]), .bridge031, Path.model.numLayers, 3),
      (v3(["architectures": "[\"KimiK2ForCausalLM\"]"]), .bridge062, Path.model.numLayers, 3),
      (
        v3([
          "architectures": "[\"Glm4MoeLiteForCausalLM\"]", "first_k_dense_replace": nil, "scoring_func": nil,
          "mlp_layer_types": "[\"dense\", \"sparse\", \"sparse\"]", "rope_theta": nil,
          "rope_parameters": "{\"rope_theta\": 1000000.0, \"rope_type\": \"default\"}",
        ]), .bridge062, Path.model.moeLayerFrequency, [0, 1, 1]
      ),
      (
        v3([
          "rope_theta": nil,
          "rope_parameters":
            "{\"rope_theta\": 50000.0, \"rope_type\": \"yarn\", \"factor\": 64, \"mscale\": 1.0, \"mscale_all_dim\": 1.0}",
        ]), .bridge062, Path.model.rotaryScalingFactor, 64.0
      ),
    ] as [([String: String?], Release, FieldPath, ConfigValue)])
  func values(changes: [String: String?], release: Release, path: FieldPath, expected: ConfigValue) throws {
    #expect(value(path, try HuggingFaceModel(document(changes), for: release)) == expected)
  }

  @Test("Of Kimi-K2.5 the language model is read")
  func vision() throws {
    let text = document(Self.v3).file.text
    let whole = DocumentReader.read(
      text: """
        {"architectures": ["KimiK25ForConditionalGeneration"], "model_type": "kimi_k25", "text_config": \(text),
        "vision_config": {"num_hidden_layers": 27}}
        """, name: "config.json", format: .json)
    let model = try HuggingFaceModel(whole, for: .bridge062)
    #expect(value(Path.model.numLayers, model) == 3)
    #expect(model.warnings == ["the vision part is left out: a launch config describes the language model"])
    #expect(throws: HuggingFaceModel.Unsupported.self) { try HuggingFaceModel(whole, for: .bridge031) }
  }

  @Test(
    "What cannot be built says what is nearest",
    arguments: [
      (
        v3(["architectures": "[\"DeepseekV32ForCausalLM\"]", "index_topk": "2048"]), Release.bridge062,
        "a DeepseekV32ForCausalLM attends sparsely, to `index_topk` tokens that an indexer finds, which is not "
          + "supported; without that it would be a DeepseekV3ForCausalLM"
      ),
      (
        v3(["architectures": "[\"GlmMoeDsaForCausalLM\"]", "index_topk": "2048"]), .bridge062,
        "a GlmMoeDsaForCausalLM attends sparsely, to `index_topk` tokens that an indexer finds, which is not supported; "
          + "without that it would be a DeepseekV3ForCausalLM"
      ),
      (
        ["architectures": "[\"Glm4MoeLiteForCausalLM\"]"], .bridge031,
        "Megatron-Bridge 0.3.1 builds no Glm4MoeLiteForCausalLM; 0.5.1, 0.6.2 can (--megatron-bridge)"
      ),
      (
        ["architectures": "[\"LlamaForCausalLM\"]", "kv_lora_rank": nil], .bridge031,
        "a LlamaForCausalLM is not supported: it has no multi-latent attention (kv_lora_rank); the nearest that is: "
          + "DeepseekV2ForCausalLM. Known are DeepseekV2ForCausalLM, DeepseekV3ForCausalLM"
      ),
      (
        v3(["norm_topk_prob": "false"]), .bridge062,
        "norm_topk_prob is false; Megatron's sigmoid router normalises the chosen scores"
      ),
      (["scoring_func": "\"sigmoid\""], .bridge062, "scoring_func is sigmoid; models of this family have softmax"),
    ] as [([String: String?], Release, String)])
  func refusals(changes: [String: String?], release: Release, expected: String) {
    #expect {
      try HuggingFaceModel(document(changes), for: release)
    } throws: { error in
      (error as? HuggingFaceModel.Unsupported)?.problems == [expected]
    }
  }

  @Test(
    "The nearest is one of the family, or one with such a router",
    arguments: [
      ("LlamaForCausalLM", [:], Release.bridge062, "DeepseekV3ForCausalLM"),
      ("Gemma3ForCausalLM", [:], .bridge062, "DeepseekV3ForCausalLM"),
      ("MistralForCausalLM", [:], .bridge051, "DeepseekV3ForCausalLM"),
      ("MixtralForCausalLM", ["num_local_experts": "8"], .bridge062, "DeepseekV2ForCausalLM"),
      ("Qwen3MoeForCausalLM", ["num_experts": "128"], .bridge031, "DeepseekV2ForCausalLM"),
      ("GptOssForCausalLM", ["num_local_experts": "32"], .bridge062, "DeepseekV2ForCausalLM"),
      (
        "MiniMaxM2ForCausalLM", ["num_experts": "8", "scoring_func": "\"sigmoid\""], .bridge062, "DeepseekV3ForCausalLM"
      ),
      ("Glm4MoeForCausalLM", ["n_routed_experts": "8"], .bridge062, "Glm4MoeLiteForCausalLM"),
      ("DeepseekV4ForCausalLM", ["n_routed_experts": "8"], .bridge062, "DeepseekV3ForCausalLM"),
      ("KimiK3ForConditionalGeneration", [:], .bridge062, "KimiK25ForConditionalGeneration"),
    ] as [(String, [String: String], Release, String)])
  func nearest(name: String, keys: [String: String], release: Release, expected: String) {
    let others = keys.map { ", \"\($0.key)\": \($0.value)" }.joined()
    let text = "{\"architectures\": [\"\(name)\"]\(others)}"
    #expect {
      try HuggingFaceModel(DocumentReader.read(text: text, name: "config.json", format: .json), for: release)
    } throws: { error in
      (error as? HuggingFaceModel.Unsupported)?.problems.first?.contains("the nearest that is: \(expected).") == true
    }
  }

  @Test("DeepSeek-V2's groups are ranked otherwise")
  func groups() throws {
    let model = try HuggingFaceModel(
      document(["topk_method": "\"group_limited_greedy\"", "n_group": "8", "topk_group": "3"]), for: .bridge062)
    #expect(
      model.warnings == [
        "topk_method group_limited_greedy ranks groups by their best expert, and Megatron by the sum of their best 2"
      ])
  }
}
