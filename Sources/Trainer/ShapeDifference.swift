package import Training

/// A field in which the model section and a checkpoint's `config.json` do not describe the same model.
package struct ShapeDifference: Hashable, Sendable, CustomStringConvertible {
  /// Megatron's name within the model section, `nil` for what Megatron does not set; and Hugging Face's.
  package let field: String?
  package let huggingFaceField: String
  package let configured: String
  package let stored: String

  package var description: String {
    "\(field.map { "model.\($0)" } ?? "the engine's \(huggingFaceField)") is \(configured), but the checkpoint's "
      + "\(huggingFaceField) is \(stored)"
  }

  /// All differences that change what is computed or what is stored.
  ///
  /// - Parameters:
  ///   - configured: the shape of the model section.
  ///   - stored: the shape of the checkpoint.
  package static func between(_ configured: ModelShape, _ stored: ModelShape) -> [ShapeDifference] {
    var result: [ShapeDifference] = []
    func compare<Value: Equatable>(_ field: String?, _ other: String, _ value: (ModelShape) -> Value) {
      let (mine, theirs) = (value(configured), value(stored))
      guard mine != theirs else { return }
      result.append(
        ShapeDifference(field: field, huggingFaceField: other, configured: text(mine), stored: text(theirs)))
    }
    compare("vocab_size", "vocab_size") { $0.vocabSize }
    compare("num_layers", "num_hidden_layers") { $0.numHiddenLayers }
    compare("hidden_size", "hidden_size") { $0.hiddenSize }
    compare("num_attention_heads", "num_attention_heads") { $0.numAttentionHeads }
    compare("q_lora_rank", "q_lora_rank") { $0.qLoraRank }
    compare("kv_lora_rank", "kv_lora_rank") { $0.kvLoraRank }
    compare("qk_head_dim", "qk_nope_head_dim") { $0.qkNopeHeadDim }
    compare("qk_pos_emb_head_dim", "qk_rope_head_dim") { $0.qkRopeHeadDim }
    compare("v_head_dim", "v_head_dim") { $0.vHeadDim }
    compare("share_embeddings_and_output_weights", "tie_word_embeddings") { $0.tieWordEmbeddings }
    compare("layernorm_epsilon", "rms_norm_eps") { $0.rmsNormEps }
    compare("max_position_embeddings", "max_position_embeddings") { $0.maxPositionEmbeddings }
    compare("rotary_base", "rope_theta") { $0.ropeTheta }
    compare("rotary_scaling_factor", "rope_scaling.factor") { $0.yarn.map(\.factor) }
    if configured.yarn != nil, stored.yarn != nil {
      compare("original_max_position_embeddings", "rope_scaling.original_max_position_embeddings") {
        $0.yarn?.originalMaxPositionEmbeddings
      }
      compare("beta_fast", "rope_scaling.beta_fast") { $0.yarn?.betaFast }
      compare("beta_slow", "rope_scaling.beta_slow") { $0.yarn?.betaSlow }
      compare("mscale", "rope_scaling.mscale") { $0.yarn?.mscale }
      compare("mscale_all_dim", "rope_scaling.mscale_all_dim") { $0.yarn?.mscaleAllDim }
    }
    compare("moe_layer_freq", "first_k_dense_replace") { DenseLayers(count: $0.firstKDenseReplace) }
    if configured.firstKDenseReplace > 0 || stored.firstKDenseReplace > 0 {
      compare("ffn_hidden_size", "intermediate_size") { $0.intermediateSize }
    }
    let hasExperts = { (shape: ModelShape) in shape.firstKDenseReplace < shape.numHiddenLayers }
    guard hasExperts(configured) || hasExperts(stored) else { return result }
    compare("num_moe_experts", "n_routed_experts") { $0.nRoutedExperts }
    compare("moe_router_topk", "num_experts_per_tok") { $0.numExpertsPerTok }
    compare("moe_ffn_hidden_size", "moe_intermediate_size") { $0.moeIntermediateSize }
    compare("moe_shared_expert_intermediate_size", "n_shared_experts * moe_intermediate_size") {
      $0.sharedIntermediateSize
    }
    compare("moe_router_num_groups", "n_group") { $0.nGroup }
    compare("moe_router_group_topk", "topk_group") { $0.topkGroup }
    compare("moe_router_topk_scaling_factor", "routed_scaling_factor") { $0.routedScalingFactor }
    compare(nil, "norm_topk_prob") { $0.normTopkProb }
    return result
  }

  /// Both names count the dense layers at the start, each in its own way.
  private struct DenseLayers: Equatable, CustomStringConvertible {
    let count: Int

    var description: String { "\(count) (dense layers at the start)" }
  }

  private static func text<Value>(_ value: Value) -> String {
    switch value {
    case let value as Int?: value.map { "\($0)" } ?? "null"
    case let value as Double?: value.map { "\($0)" } ?? "null"
    default: "\(value)"
    }
  }
}
