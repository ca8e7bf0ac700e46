import Testing

@Suite("MLA: multi-latent attention")
struct LatentAttentionTests {
  @Test(
    arguments: [
      .error("MLA-03", ["model.transformer_impl": "local"], at: "model.transformer_impl", "different widths"),
      .accepted("MLA-03", ["model.transformer_impl": "transformer_engine"]),
      .error("MLA-04", ["model.rotary_interleaved": true], at: "model.rotary_interleaved", "by itself"),
      .error(
        "MLA-05", ["model.apply_rope_fusion": true, "model.rope_type": "rope"], at: "model.apply_rope_fusion",
        "YaRN only"),
      .accepted("MLA-05", ["model.apply_rope_fusion": true]),
      .accepted("MLA-05", ["model.rope_type": "rope"]),
      .note(
        "MLA-07", ["model.apply_rope_fusion": true, "model.position_embedding_type": "learned_absolute"],
        at: "model.apply_rope_fusion", "turns apply_rope_fusion off"),
      .error("MLA-09", ["model.attention_output_gate": true], at: "model.attention_output_gate", "no output gate"),
      .error("MLA-09", ["model.cache_mla_latents": true], at: "model.cache_mla_latents", "for inference"),
      .note("MLA-09", ["model.qk_l2_norm": true], at: "model.qk_l2_norm", "no effect").in(.bridge031),
      .accepted("MLA-09", ["model.q_lora_rank": 1536]),
      .warning("MLA-10", ["model.qk_layernorm": false], at: "model.qk_layernorm", "no norm on its latents"),
      .error("MLA-11", ["model.position_embedding_type": "yarn"], at: "model.position_embedding_type", "by rope_type"),
      .warning(
        "MLA-11", ["model.position_embedding_type": "learned_absolute"], at: "model.position_embedding_type", "on top"),
      .error("MLA-12", ["model.qk_pos_emb_head_dim": 63], at: "model.qk_pos_emb_head_dim", "rotate pairs"),
      .accepted("MLA-12", ["model.qk_pos_emb_head_dim": 62]),
      .error("MLA-13", ["model.rotary_base": 1.0], at: "model.rotary_base", "its logarithm"),
      .accepted("MLA-13", ["model.rotary_base": 1.0, "model.rope_type": "rope"]),
    ] as [ValidationCase])
  func rules(_ item: ValidationCase) throws { try item.check() }
}
