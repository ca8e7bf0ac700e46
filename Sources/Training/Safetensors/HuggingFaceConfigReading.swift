extension HuggingFaceConfig {
  /// Reads `config.json`. Keys that do not touch the computation are skipped.
  /// - Throws: ``SystemError``, ``HuggingFaceConfigError`` for another architecture, a wrong type, or a feature of the
  ///   architecture that is not computed here.
  package init(file path: String) throws {
    self = try FileReader.contents(path).withUnsafeBytes { try HuggingFaceConfig($0, file: path) }
  }

  init(_ bytes: UnsafeRawBufferPointer, file: String) throws {
    var config = HuggingFaceConfig()
    var architectures: [String]?
    var modelType: String?
    var field = ""
    do {
      var cursor = JSONCursor(bytes)
      try cursor.object { cursor, key in
        field = key
        switch key {
        case "architectures":
          var names: [String] = []
          try cursor.array { cursor in names.append(try cursor.string()) }
          architectures = names
        case "model_type": modelType = try cursor.string()
        default:
          if try !config.readDimension(key, &cursor), try !config.readOption(key, &cursor) { try cursor.skip() }
        }
      }
      try cursor.finish()
    } catch let error as JSONError {
      throw HuggingFaceConfigError(file: file, message: field.isEmpty ? "\(error)" : "\(field): \(error)")
    }
    let fail = { HuggingFaceConfigError(file: file, message: $0) }
    if let architectures, !architectures.contains(Self.architecture) {
      throw fail("the architecture is \(architectures.joined(separator: ", ")), not \(Self.architecture)")
    }
    // Kimi-K2 has a model_type of its own for the same architecture.
    if architectures == nil, let modelType, modelType != "deepseek_v3" {
      throw fail("model_type is \(modelType), not deepseek_v3")
    }
    if config.ropeScaling?.originalMaxPositionEmbeddings == nil {
      config.ropeScaling?.originalMaxPositionEmbeddings = config.maxPositionEmbeddings
    }
    guard architectures != nil || modelType != nil else { throw fail("neither architectures nor model_type is there") }
    try config.checkComputable(fail)
    self = config
  }

  /// The whole numbers; false for another key.
  private mutating func readDimension(_ key: String, _ cursor: inout JSONCursor) throws -> Bool {
    let path: WritableKeyPath<HuggingFaceConfig, Int>
    switch key {
    case "vocab_size": path = \.vocabSize
    case "hidden_size": path = \.hiddenSize
    case "intermediate_size": path = \.intermediateSize
    case "moe_intermediate_size": path = \.moeIntermediateSize
    case "num_hidden_layers": path = \.numHiddenLayers
    case "num_attention_heads": path = \.numAttentionHeads
    case "num_key_value_heads": path = \.numKeyValueHeads
    case "n_shared_experts": path = \.nSharedExperts
    case "n_routed_experts": path = \.nRoutedExperts
    case "kv_lora_rank": path = \.kvLoraRank
    case "qk_rope_head_dim": path = \.qkRopeHeadDim
    case "qk_nope_head_dim": path = \.qkNopeHeadDim
    case "v_head_dim": path = \.vHeadDim
    case "n_group": path = \.nGroup
    case "topk_group": path = \.topkGroup
    case "num_experts_per_tok": path = \.numExpertsPerTok
    case "first_k_dense_replace": path = \.firstKDenseReplace
    case "max_position_embeddings": path = \.maxPositionEmbeddings
    case "num_nextn_predict_layers": path = \.numNextnPredictLayers
    default: return false
    }
    if key.hasSuffix("_group"), try cursor.kind() == .null {
      // No groups are one.
      try cursor.null()
      self[keyPath: path] = 1
      return true
    }
    let value = try cursor.integer()
    // A billion is far above any real dimension, and products of two still fit.
    guard (0...1_000_000_000).contains(value) else { throw cursor.error("\(value) is out of range") }
    self[keyPath: path] = value
    return true
  }

  private mutating func readOption(_ key: String, _ cursor: inout JSONCursor) throws -> Bool {
    switch key {
    case "q_lora_rank": qLoraRank = try Self.optional(&cursor) { try $0.integer() }
    case "routed_scaling_factor": routedScalingFactor = try cursor.double()
    case "norm_topk_prob": normTopkProb = try cursor.boolean()
    case "hidden_act": hiddenAct = try cursor.string()
    case "initializer_range": initializerRange = try cursor.double()
    case "rms_norm_eps": rmsNormEps = try cursor.double()
    case "rope_theta": ropeTheta = try cursor.double()
    case "rope_scaling", "rope_parameters":
      // transformers 5 keeps the base beside the scaling.
      var theta = ropeTheta
      ropeScaling = try Self.optional(&cursor) { try RopeScaling(&$0, theta: &theta) } ?? nil
      ropeTheta = theta
    case "rope_interleave": ropeInterleave = try cursor.boolean()
    case "attention_bias": attentionBias = try cursor.boolean()
    case "attention_dropout": attentionDropout = try cursor.double()
    case "tie_word_embeddings": tieWordEmbeddings = try cursor.boolean()
    case "scoring_func": scoringFunc = try cursor.string()
    case "topk_method": topkMethod = try cursor.string()
    case "aux_loss_alpha": auxLossAlpha = try cursor.double()
    case "seq_aux": seqAux = try cursor.boolean()
    case "bos_token_id": bosTokenID = try Self.token(&cursor)
    case "eos_token_id": eosTokenID = try Self.token(&cursor)
    case "pad_token_id": padTokenID = try Self.token(&cursor)
    case "dtype", "torch_dtype": dtype = try Self.optional(&cursor) { try $0.string() } ?? dtype
    default: return false
    }
    return true
  }

  private static func optional<Value>(
    _ cursor: inout JSONCursor, _ read: (inout JSONCursor) throws -> Value
  ) throws -> Value? {
    if try cursor.kind() == .null {
      try cursor.null()
      return nil
    }
    return try read(&cursor)
  }

  /// A token id, null, or a list of ids of which the first counts.
  private static func token(_ cursor: inout JSONCursor) throws -> Int? {
    guard try cursor.kind() == .array else { return try optional(&cursor) { try $0.integer() } }
    var first: Int?
    try cursor.array { cursor in
      let token = try cursor.integer()
      first = first ?? token
    }
    return first
  }

  private func checkComputable(_ fail: (String) -> HuggingFaceConfigError) throws {
    guard hiddenAct == "silu" else { throw fail("hidden_act is \(hiddenAct); silu is computed") }
    guard scoringFunc == "sigmoid" else { throw fail("scoring_func is \(scoringFunc); sigmoid is computed") }
    guard !attentionBias else { throw fail("attention_bias is true; attention without biases is computed") }
    guard numKeyValueHeads == numAttentionHeads else {
      throw fail(
        "num_key_value_heads is \(numKeyValueHeads) and num_attention_heads \(numAttentionHeads); "
          + "latent attention has as many of both")
    }
    guard ropeInterleave else { throw fail("rope_interleave is false; interleaved pairs are computed") }
  }
}

extension HuggingFaceConfig.RopeScaling {
  /// Reads `rope_scaling`; `nil` for type `default`.
  fileprivate init?(_ cursor: inout JSONCursor, theta: inout Double) throws {
    var type: String?
    var factor: Double?
    // transformers takes a missing mscale or mscale_all_dim for 0, which means: not given.
    var scaling = HuggingFaceConfig.RopeScaling(factor: 1, originalMaxPositionEmbeddings: nil)
    scaling.mscale = 0
    try cursor.object { cursor, key in
      switch key {
      case "type", "rope_type": type = try cursor.string()
      case "rope_theta": theta = try cursor.double()
      case "factor": factor = try cursor.double()
      case "original_max_position_embeddings": scaling.originalMaxPositionEmbeddings = try cursor.integer()
      case "beta_fast": scaling.betaFast = try cursor.double()
      case "beta_slow": scaling.betaSlow = try cursor.double()
      case "mscale": scaling.mscale = try cursor.double()
      case "mscale_all_dim": scaling.mscaleAllDim = try cursor.double()
      case "attention_factor", "truncate": throw cursor.error("\(key) is not computed")
      default: try cursor.skip()
      }
    }
    if type == "default" { return nil }
    guard type == "yarn" else { throw cursor.error("the type is \(type ?? "missing"); yarn is computed") }
    guard let factor else { throw cursor.error("factor is missing") }
    scaling.factor = factor
    self = scaling
  }
}
