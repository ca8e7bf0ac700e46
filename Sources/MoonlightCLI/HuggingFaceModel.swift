import CommandSupport
import ConfigDocument
import Diagnostics
import FileAccess
import LaunchModel
import Releases

/// The model section that a `config.json` of `DeepseekV3ForCausalLM` describes.
struct HuggingFaceModel {
  let settings: [(path: FieldPath, value: ConfigValue)]
  let warnings: [String]

  static let fileName = "config.json"
  private static let architecture = "DeepseekV3ForCausalLM"

  /// - Parameter path: the file, or the directory that holds it.
  /// - Throws: `CommandFailure`: 66 where it cannot be read, 65 where it is no JSON, 1 where it is another model.
  init(_ path: String) throws(CommandFailure) {
    let file = path.hasSuffix(".json") ? path : (path.hasSuffix("/") ? path : path + "/") + Self.fileName
    let bytes: [UInt8]
    do { bytes = try InputFile.read(file, limit: DocumentLimit.byteCount) } catch {
      throw CommandFailure("`\(file)` cannot be read: \(error)", status: .noInput)
    }
    let document = DocumentReader.read(bytes: bytes, name: file, format: .json)
    let hasErrors = document.diagnostics.contains { $0.severity == .error }
    guard let root = document.root, root.entries != nil, !hasErrors else {
      let reason = document.diagnostics.first.map { ": \($0.message)" } ?? ""
      throw CommandFailure("`\(file)` is no JSON object" + reason, status: .notAConfig)
    }
    var reading = Reading(root: root)
    reading.checkArchitecture()
    let settings = reading.settings()
    guard reading.problems.isEmpty else {
      throw CommandFailure(reading.problems.map { "`\(file)`: \($0)" }.joined(separator: "\n"), status: .failure)
    }
    self.settings = settings
    warnings = reading.warnings
  }

  /// `model:` with these fields alone, in the order of the schema.
  ///
  /// - Parameter release: what `software` names; the fields are called alike in all releases.
  func tree(for release: Release?) -> ConfigValue {
    var fields = ConfigMapping()
    for (path, value) in settings { fields[path.field] = value }
    var tree = ConfigMapping()
    if let release { tree["software"] = ["megatron_bridge": release.configValue] }
    tree["model"] = .mapping(fields)
    return .mapping(tree)
  }

  /// Reads keys and gathers what is wrong with them.
  private struct Reading {
    let root: Node
    var problems: [String] = []
    var warnings: [String] = []

    private func value(_ key: String, in node: Node? = nil) -> ConfigValue? {
      (node ?? root)[key]?.scalar?.value(in: .v1_2)
    }

    mutating func checkArchitecture() {
      let names = root["architectures"]?.items?.compactMap { $0.scalar?.text }
      let type = root["model_type"]?.scalar?.text
      if let names, !names.contains(HuggingFaceModel.architecture) {
        problems.append("the architecture is \(names.joined(separator: ", ")), not \(HuggingFaceModel.architecture)")
      } else if names == nil, type != "deepseek_v3" {
        // Where the architecture is named, it decides: Kimi-K2 has a model_type of its own.
        problems.append("model_type is \(type ?? "missing"), not deepseek_v3")
      }
    }

    private mutating func count(_ key: String, in node: Node? = nil) -> Int {
      switch value(key, in: node) {
      // A billion is far above any real dimension, and products of two still fit.
      case .int(let number) where (0...1_000_000_000).contains(number): return number
      case nil: problems.append("\(key) is missing")
      default: problems.append("\(key) is no count")
      }
      return 0
    }

    /// `null` is no groups, which is one.
    private mutating func groups(_ key: String) -> Int { value(key) == .null ? 1 : count(key) }

    private mutating func number(_ key: String, in node: Node? = nil, default fallback: Double? = nil) -> Double {
      switch value(key, in: node) {
      case .int(let number): return Double(number)
      case .float(let number) where number.isFinite: return number
      case nil, .null:
        if let fallback { return fallback }
        problems.append("\(key) is missing")
      default: problems.append("\(key) is no number")
      }
      return 0
    }

    mutating func settings() -> [(path: FieldPath, value: ConfigValue)] {
      guard problems.isEmpty else { return [] }
      let heads = count("num_attention_heads")
      let isTied = value("tie_word_embeddings") == .bool(true)
      var result: [(path: FieldPath, value: ConfigValue)] = [
        (Path.model.numLayers, .int(count("num_hidden_layers"))),
        (Path.model.hiddenSize, .int(count("hidden_size"))),
        (Path.model.ffnHiddenSize, .int(count("intermediate_size"))),
        (Path.model.numAttentionHeads, .int(heads)),
        (Path.model.numQueryGroups, .int(heads)),
        (Path.model.vocabSize, .int(count("vocab_size"))),
        (Path.model.shouldPadVocab, false),
        (Path.model.shareEmbeddingsAndOutputWeights, .bool(isTied)),
        (Path.model.maxPositionEmbeddings, .int(count("max_position_embeddings"))),
        (Path.model.multiLatentAttention, true),
        (Path.model.qLoraRank, value("q_lora_rank").map { $0 == .null ? .null : .int(count("q_lora_rank")) } ?? .null),
        (Path.model.kvLoraRank, .int(count("kv_lora_rank"))),
        (Path.model.qkHeadDim, .int(count("qk_nope_head_dim"))),
        (Path.model.qkPosEmbHeadDim, .int(count("qk_rope_head_dim"))),
        (Path.model.vHeadDim, .int(count("v_head_dim"))),
        (Path.model.qkLayernorm, true),
        (Path.model.normalization, "RMSNorm"),
        (Path.model.layernormEpsilon, .float(number("rms_norm_eps"))),
        (Path.model.activationFunction, "silu"),
        (Path.model.gatedLinearUnit, true),
        (Path.model.addBiasLinear, false),
        (Path.model.addQKVBias, false),
        (Path.model.initMethodStd, .float(number("initializer_range", default: 0.02))),
      ]
      result += rotation()
      result += experts()
      for (key, wanted) in [("hidden_act", "silu"), ("scoring_func", "sigmoid")] {
        if let written = value(key), written != .string(wanted) {
          problems.append("\(key) is \(FlowText.yaml(written)); models of this family have \(wanted)")
        }
      }
      if value("attention_bias") == .bool(true) {
        problems.append("attention_bias is true; Megatron's MLA has no biases")
      }
      if value("norm_topk_prob") == .bool(false) {
        problems.append("norm_topk_prob is false; Megatron's sigmoid router normalises the chosen scores")
      }
      return result
    }

    private mutating func rotation() -> [(path: FieldPath, value: ConfigValue)] {
      var result: [(path: FieldPath, value: ConfigValue)] = [
        (Path.model.positionEmbeddingType, "rope"), (Path.model.ropeType, "yarn"),
        (Path.model.rotaryBase, .float(rotaryBase())),
      ]
      guard let scaling = root["rope_parameters"] ?? root["rope_scaling"], scaling.entries != nil,
        scalingType(scaling) != "default"
      else {
        // Megatron's YaRN with a factor of 1 is plain rotation.
        return result + [
          (Path.model.rotaryScalingFactor, 1.0), (Path.model.mscale, 1.0), (Path.model.mscaleAllDim, 1.0),
        ]
      }
      guard scalingType(scaling) == "yarn" else {
        problems.append("rope_scaling is of type \(scalingType(scaling) ?? "missing"); Megatron's MLA has yarn")
        return result
      }
      let original =
        scaling["original_max_position_embeddings"] == nil
        ? count("max_position_embeddings") : count("original_max_position_embeddings", in: scaling)
      result += [
        (Path.model.rotaryScalingFactor, .float(number("factor", in: scaling))),
        (Path.model.originalMaxPositionEmbeddings, .int(original)),
        (Path.model.betaFast, .float(number("beta_fast", in: scaling, default: 32))),
        (Path.model.betaSlow, .float(number("beta_slow", in: scaling, default: 1))),
        (Path.model.mscale, .float(number("mscale", in: scaling, default: 0))),
        (Path.model.mscaleAllDim, .float(number("mscale_all_dim", in: scaling, default: 0))),
      ]
      return result
    }

    /// transformers 5 keeps it in `rope_parameters`.
    private mutating func rotaryBase() -> Double {
      guard let parameters = root["rope_parameters"], parameters["rope_theta"] != nil else {
        return number("rope_theta")
      }
      return number("rope_theta", in: parameters)
    }

    private func scalingType(_ scaling: Node) -> String? {
      (scaling["rope_type"] ?? scaling["type"])?.scalar?.text
    }

    private mutating func experts() -> [(path: FieldPath, value: ConfigValue)] {
      let (layers, dense) = (count("num_hidden_layers"), count("first_k_dense_replace"))
      guard dense <= layers, layers <= 4096 else {
        problems.append("first_k_dense_replace \(dense) and num_hidden_layers \(layers) describe no model")
        return []
      }
      if let every = value("moe_layer_freq"), every != .int(1) {
        problems.append("moe_layer_freq is \(FlowText.yaml(every)); transformers computes 1")
      }
      let (width, shared) = (count("moe_intermediate_size"), count("n_shared_experts"))
      let (sharedWidth, overflow) = width.multipliedReportingOverflow(by: shared)
      guard !overflow else {
        problems.append("n_shared_experts \(shared) is too large")
        return []
      }
      let pattern = (0..<layers).map { ConfigValue.int($0 < dense ? 0 : 1) }
      if value("num_nextn_predict_layers").map({ $0 != .int(0) }) ?? false {
        warnings.append("num_nextn_predict_layers is left out: transformers does not load these layers")
      }
      if root["quantization_config"]?.entries != nil {
        warnings.append("quantization_config is left out: the trainer reads weights in bf16, fp16 and fp32 alone")
      }
      return [
        (Path.model.mtpNumLayers, .null),
        (Path.model.numMoEExperts, .int(count("n_routed_experts"))),
        (Path.model.moeRouterTopK, .int(count("num_experts_per_tok"))),
        (Path.model.moeFFNHiddenSize, .int(width)),
        (Path.model.moeSharedExpertIntermediateSize, sharedWidth == 0 ? .null : .int(sharedWidth)),
        (Path.model.moeLayerFrequency, .list(pattern)),
        (Path.model.moeRouterScoreFunction, "sigmoid"),
        (Path.model.moeRouterPreSoftmax, true),
        (Path.model.moeRouterEnableExpertBias, true),
        (Path.model.moeRouterNumGroups, .int(groups("n_group"))),
        (Path.model.moeRouterGroupTopK, .int(groups("topk_group"))),
        (Path.model.moeRouterTopKScalingFactor, .float(number("routed_scaling_factor"))),
      ]
    }
  }
}
