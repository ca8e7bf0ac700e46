extension HuggingFaceConfig {
  /// The text of `config.json`: keys sorted, as transformers writes it.
  package var json: String {
    var json = JSONText(indentation: 2)
    json.object { json in
      json.array("architectures") { $0.element(Self.architecture) }
      json.field("attention_bias", attentionBias)
      json.field("attention_dropout", attentionDropout)
      json.field("aux_loss_alpha", auxLossAlpha)
      json.optional("bos_token_id", bosTokenID)
      // Both names: releases before 4.56 know `torch_dtype` alone.
      json.field("dtype", dtype)
      json.optional("eos_token_id", eosTokenID)
      json.field("first_k_dense_replace", firstKDenseReplace)
      json.field("head_dim", qkRopeHeadDim)
      json.field("hidden_act", hiddenAct)
      json.field("hidden_size", hiddenSize)
      json.field("initializer_range", initializerRange)
      json.field("intermediate_size", intermediateSize)
      json.field("kv_lora_rank", kvLoraRank)
      json.field("max_position_embeddings", maxPositionEmbeddings)
      json.field("model_type", "deepseek_v3")
      json.field("moe_intermediate_size", moeIntermediateSize)
      json.field("moe_layer_freq", 1)
      json.field("n_group", nGroup)
      json.field("n_routed_experts", nRoutedExperts)
      json.field("n_shared_experts", nSharedExperts)
      json.field("norm_topk_prob", normTopkProb)
      json.field("num_attention_heads", numAttentionHeads)
      json.field("num_experts_per_tok", numExpertsPerTok)
      json.field("num_hidden_layers", numHiddenLayers)
      json.field("num_key_value_heads", numKeyValueHeads)
      json.field("num_nextn_predict_layers", numNextnPredictLayers)
      json.optional("pad_token_id", padTokenID)
      json.optional("q_lora_rank", qLoraRank)
      json.field("qk_head_dim", qkNopeHeadDim + qkRopeHeadDim)
      json.field("qk_nope_head_dim", qkNopeHeadDim)
      json.field("qk_rope_head_dim", qkRopeHeadDim)
      json.field("rms_norm_eps", rmsNormEps)
      json.field("rope_interleave", ropeInterleave)
      if let ropeScaling {
        json.object("rope_scaling") { json in
          json.field("beta_fast", ropeScaling.betaFast)
          json.field("beta_slow", ropeScaling.betaSlow)
          json.field("factor", ropeScaling.factor)
          json.field("mscale", ropeScaling.mscale)
          json.field("mscale_all_dim", ropeScaling.mscaleAllDim)
          json.field(
            "original_max_position_embeddings", ropeScaling.originalMaxPositionEmbeddings ?? maxPositionEmbeddings)
          json.field("rope_type", "yarn")
          json.field("type", "yarn")
        }
      } else {
        json.null("rope_scaling")
      }
      json.field("rope_theta", ropeTheta)
      json.field("routed_scaling_factor", routedScalingFactor)
      json.field("scoring_func", scoringFunc)
      json.field("seq_aux", seqAux)
      json.field("tie_word_embeddings", tieWordEmbeddings)
      json.field("topk_group", topkGroup)
      json.field("topk_method", topkMethod)
      json.field("torch_dtype", dtype)
      json.field("use_cache", true)
      json.field("v_head_dim", vHeadDim)
      json.field("vocab_size", vocabSize)
    }
    return json.text + "\n"
  }

  /// Writes `config.json` into a folder.
  package func write(to folder: String, _ fileSystem: any FileSystem = POSIXFileSystem()) throws {
    let writer = try FileWriter(FilePath.join(folder, Self.fileName), fileSystem)
    try writer.write(json)
    try writer.finish()
  }
}

extension JSONText {
  fileprivate mutating func optional(_ name: String, _ value: Int?) {
    if let value { field(name, value) } else { null(name) }
  }
}
