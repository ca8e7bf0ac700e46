package import ConfigDocument
import Diagnostics
package import LaunchModel
package import Releases

/// The model section that a Hugging Face config.json describes, as a release of Megatron-Bridge reads it.
package struct HuggingFaceModel {
  package let settings: [(path: FieldPath, value: ConfigValue)]
  /// What a person should know of what was not taken over.
  package let warnings: [String]

  package static let fileName = "config.json"

  /// A config.json that describes no model that can be built.
  package struct Unsupported: Error {
    package let problems: [String]
  }

  /// Whether a document is such a file, of whatever model.
  package static func recognises(_ document: ParsedDocument) -> Bool {
    guard let root = document.root, root.entries != nil, !document.isUnreadable else { return false }
    return root["model_type"]?.scalar != nil || root["architectures"]?.items != nil
  }

  /// - Throws: ``Unsupported`` for another model, and for one with something missing.
  package init(_ document: ParsedDocument, for release: Release) throws(Unsupported) {
    guard let root = document.root else { throw Unsupported(problems: ["it holds nothing"]) }
    var reading = Reading(root: root, release: release)
    reading.chooseKind()
    let settings = reading.settings()
    guard reading.problems.isEmpty else { throw Unsupported(problems: reading.problems) }
    self.settings = settings
    warnings = reading.warnings
  }

  /// `model:` with these fields alone, in the order of the schema.
  ///
  /// - Parameters:
  ///   - release: what `software` names; the fields are called alike in all releases.
  ///   - recipe: what the file builds on.
  package func tree(for release: Release?, on recipe: String? = nil) -> ConfigValue {
    var fields = ConfigMapping()
    for (path, value) in settings { fields[path.field] = value }
    var tree = ConfigMapping()
    if let recipe { tree["extends"] = .string(recipe) }
    if let release { tree["software"] = ["megatron_bridge": release.configValue] }
    tree["model"] = .mapping(fields)
    return .mapping(tree)
  }

  /// Reads keys and gathers what is wrong with them.
  private struct Reading {
    /// The mapping that describes the language model.
    var root: Node
    let release: Release
    var kind = HuggingFaceModels.Kind.sigmoidRouter
    var architecture = ""
    var problems: [String] = []
    var warnings: [String] = []

    private func value(_ key: String, in node: Node? = nil) -> ConfigValue? {
      (node ?? root)[key]?.scalar?.value(in: .v1_2)
    }

    mutating func chooseKind() {
      let models = release.huggingFaceModels
      let names = root["architectures"]?.items?.compactMap { $0.scalar?.text } ?? []
      let type = root["model_type"]?.scalar?.text
      // Where the architecture is named, it decides: Kimi-K2 has a model_type of its own.
      let named = names.first ?? type.flatMap { Self.architectures[$0] }
      guard let named, let kind = models.architectures[named] else { return refuse(named ?? type) }
      (self.kind, architecture) = (kind, named)
      if kind == .vision {
        guard let text = root["text_config"], text.entries != nil else {
          problems.append("text_config is missing, which describes the language model of a \(named)")
          return
        }
        root = text
        warnings.append("the vision part is left out: a launch config describes the language model")
      }
      if value("index_topk") != nil || value("index_n_heads") != nil {
        problems.append(
          "index_topk is given: this is a model of sparse attention, and Megatron-Bridge \(release.megatronBridge) loads "
            + "none; without it the model would be DeepSeek-V3's")
      }
    }

    /// What transformers makes of a model type.
    private static let architectures = [
      "deepseek_v2": "DeepseekV2ForCausalLM", "deepseek_v3": "DeepseekV3ForCausalLM",
      "kimi_k2": "DeepseekV3ForCausalLM",
      "kimi_k25": "KimiK25ForConditionalGeneration", "glm4_moe_lite": "Glm4MoeLiteForCausalLM",
    ]

    private mutating func refuse(_ name: String?) {
      guard let name else {
        problems.append("neither architectures nor model_type says which model it is")
        return
      }
      let known = release.huggingFaceModels.architectures.keys.sorted()
      let others = Release.all.filter { $0.huggingFaceModels.architectures[name] != nil }
      let hasLatents = root["kv_lora_rank"] != nil || root["text_config"]?["kv_lora_rank"] != nil
      if !others.isEmpty {
        problems.append(
          "Megatron-Bridge \(release.megatronBridge) builds no \(name); "
            + others.map(\.megatronBridge).joined(separator: ", ") + " can (--megatron-bridge)")
      } else if root["index_topk"] != nil, hasLatents {
        problems.append(
          "a \(name) attends sparsely, to `index_topk` tokens that an indexer finds, which is not supported; without "
            + "that it would be a DeepseekV3ForCausalLM")
      } else {
        let nearest = nearest(to: name, among: known)
        problems.append(
          "a \(name) is not supported"
            + (hasLatents ? "" : ": it has no multi-latent attention (kv_lora_rank)")
            + "; the nearest that is: \(nearest). Known are \(known.joined(separator: ", "))")
      }
    }

    /// One of the same family by its name, or else one with such a router.
    private func nearest(to name: String, among known: [String]) -> String {
      let lengths = known.map { zip($0, name).prefix { $0 == $1 }.count }
      if let longest = lengths.max(), longest >= 4 {
        // Of those that begin alike the newest one that ends alike.
        let relatives = zip(known, lengths).filter { $0.1 == longest }.map(\.0).reversed()
        func ending(_ known: String) -> Int { zip(known.reversed(), name.reversed()).prefix { $0 == $1 }.count }
        if let nearest = relatives.max(by: { ending($0) < ending($1) }) { return nearest }
      }
      let model = root["text_config"] ?? root
      let hasExperts = ["n_routed_experts", "num_experts", "num_local_experts"].contains { model[$0] != nil }
      let isSigmoid = value("scoring_func", in: model) == "sigmoid" || value("topk_method", in: model) == "noaux_tc"
      return hasExperts && !isSigmoid ? "DeepseekV2ForCausalLM" : "DeepseekV3ForCausalLM"
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
      for (key, wanted) in [("hidden_act", "silu"), ("scoring_func", isSoftmax ? "softmax" : "sigmoid")] {
        if let written = value(key), written != .string(wanted) {
          problems.append("\(key) is \(FlowText.yaml(written)); models of this family have \(wanted)")
        }
      }
      if value("attention_bias") == .bool(true) {
        problems.append("attention_bias is true; Megatron's MLA has no biases")
      }
      if value("norm_topk_prob") == .bool(isSoftmax) {
        problems.append(
          isSoftmax
            ? "norm_topk_prob is true; Megatron's softmax router over all experts does not normalise the chosen scores"
            : "norm_topk_prob is false; Megatron's sigmoid router normalises the chosen scores")
      }
      warnOfGroups()
      return result
    }

    private var isSoftmax: Bool { kind == .softmaxRouter }

    /// DeepSeek-V2 ranks groups of experts by their best one, megatron-core's `group_limited_topk` by the sum of several.
    private mutating func warnOfGroups() {
      guard isSoftmax, value("topk_method") == "group_limited_greedy", case .int(let chosen)? = value("topk_group"),
        case .int(let experts)? = value("num_experts_per_tok"), chosen > 0, experts / chosen > 1
      else { return }
      warnings.append(
        "topk_method group_limited_greedy ranks groups by their best expert, and Megatron by the sum of their best "
          + "\(experts / chosen)")
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
      let layers = count("num_hidden_layers")
      guard let pattern = pattern(layers: layers) else { return [] }
      if let every = value("moe_layer_freq"), every != .int(1) {
        problems.append("moe_layer_freq is \(FlowText.yaml(every)); transformers computes 1")
      }
      let (width, shared) = (count("moe_intermediate_size"), count("n_shared_experts"))
      let (sharedWidth, overflow) = width.multipliedReportingOverflow(by: shared)
      guard !overflow else {
        problems.append("n_shared_experts \(shared) is too large")
        return []
      }
      let predicted = nextTokenLayers()
      if root["quantization_config"]?.entries != nil {
        warnings.append("quantization_config is left out: the trainer reads weights in bf16, fp16 and fp32 alone")
      }
      return [
        (Path.model.mtpNumLayers, predicted == 0 ? .null : .int(predicted)),
        (Path.model.numMoEExperts, .int(count("n_routed_experts"))),
        (Path.model.moeRouterTopK, .int(count("num_experts_per_tok"))),
        (Path.model.moeFFNHiddenSize, .int(width)),
        (Path.model.moeSharedExpertIntermediateSize, sharedWidth == 0 ? .null : .int(sharedWidth)),
        (Path.model.moeLayerFrequency, .list(pattern)),
        (Path.model.moeRouterScoreFunction, isSoftmax ? "softmax" : "sigmoid"),
        (Path.model.moeRouterPreSoftmax, true),
        (Path.model.moeRouterEnableExpertBias, .bool(!isSoftmax)),
        (Path.model.moeRouterNumGroups, .int(groups("n_group"))),
        (Path.model.moeRouterGroupTopK, .int(groups("topk_group"))),
        (Path.model.moeRouterTopKScalingFactor, .float(number("routed_scaling_factor"))),
      ]
    }

    /// Which layers have experts; `nil` where that describes no model.
    private mutating func pattern(layers: Int) -> [ConfigValue]? {
      // transformers 5 lists them for GLM.
      if root["first_k_dense_replace"] == nil, let kinds = root["mlp_layer_types"]?.items?.map(\.scalar?.text) {
        guard kinds.count == layers else {
          problems.append("mlp_layer_types has \(kinds.count) layers, and num_hidden_layers is \(layers)")
          return nil
        }
        return kinds.map { .int($0 == "dense" ? 0 : 1) }
      }
      let isGLM = architecture == "Glm4MoeLiteForCausalLM"
      let dense = isGLM && root["first_k_dense_replace"] == nil ? 1 : count("first_k_dense_replace")
      guard dense <= layers, layers <= 4096 else {
        problems.append("first_k_dense_replace \(dense) and num_hidden_layers \(layers) describe no model")
        return nil
      }
      return (0..<layers).map { .int($0 < dense ? 0 : 1) }
    }

    private mutating func nextTokenLayers() -> Int {
      guard let written = value("num_nextn_predict_layers"), written != .int(0), written != .null else { return 0 }
      let layers = count("num_nextn_predict_layers")
      guard release.huggingFaceModels.readsNextTokenLayers, !isSoftmax else {
        warnings.append(
          "num_nextn_predict_layers \(layers) is left out, as Megatron-Bridge \(release.megatronBridge) does")
        return 0
      }
      warnings.append(
        "num_nextn_predict_layers becomes mtp_num_layers \(layers), as in Megatron-Bridge \(release.megatronBridge); "
          + "transformers does not load these layers")
      return layers
    }
  }
}
