import ConfigDocument
import Testing

/// A dense model, as changes to Moonlight.
let denseModel: [String: ConfigValue] = [
  "model.num_moe_experts": .null, "model.moe_ffn_hidden_size": .null, "model.moe_router_group_topk": .null,
  "model.moe_router_num_groups": .null, "model.moe_shared_expert_intermediate_size": .null, "model.moe_layer_freq": 1,
  "parallelism.expert_model_parallel_size": 1, "model.moe_router_enable_expert_bias": false,
]

@Suite("DIM: model dimensions")
struct DimensionTests {
  @Test(
    "heads and groups",
    arguments: [
      .error(
        "DIM-01",
        [
          "model.num_attention_heads": 20, "model.num_query_groups": .null,
          "parallelism.tensor_model_parallel_size": 8,
        ],
        at: "model.num_attention_heads", "20 attention heads / TP 8 = 2.5"),
      .accepted(
        "DIM-01",
        [
          "model.num_attention_heads": 24, "model.num_query_groups": .null,
          "parallelism.tensor_model_parallel_size": 8,
        ]),
      .error(
        "DIM-02", ["model.num_query_groups": 3], at: "model.num_query_groups",
        "neither a multiple nor a divisor of TP 2"),
      .error(
        "DIM-02", ["model.num_query_groups": 6], at: "model.num_query_groups",
        "16 attention heads / 6 query groups = 2.67"),
      .accepted("DIM-02", ["model.num_query_groups": .null]),
      .accepted("DIM-02", ["model.num_query_groups": 16]),
      .warning(
        "DIM-11", ["model.num_query_groups": 8], at: "model.num_query_groups", "each of its 16 heads a key of its own"),
      .accepted("DIM-11", ["model.num_query_groups": 8, "model.multi_latent_attention": false]),
      .note(
        "DIM-03", ["model.multi_latent_attention": false, "model.hidden_size": 2050], at: "model.kv_channels",
        "2050 / 16 heads = 128.13"),
      .accepted("DIM-03", ["model.hidden_size": 2050]),
    ] as [ValidationCase])
  func heads(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "widths",
    arguments: [
      .error("DIM-04", ["model.ffn_hidden_size": 11265], at: "model.ffn_hidden_size", "11265 / TP 2 = 5632.5"),
      .accepted(
        "DIM-04", ["model.ffn_hidden_size": 11265, "model.moe_layer_freq": .list(Array(repeating: 1, count: 27))]),
      .error(
        "DIM-05", ["model.moe_ffn_hidden_size": 1409, "parallelism.expert_tensor_parallel_size": 2],
        at: "model.moe_ffn_hidden_size", "1409 / ETP 2 = 704.5"),
      .accepted("DIM-05", ["model.moe_ffn_hidden_size": 1409]),
      .error(
        "DIM-06", ["model.moe_shared_expert_intermediate_size": 2817], at: "model.moe_shared_expert_intermediate_size",
        "2817 / TP 2 = 1408.5"),
      .error(
        "DIM-06", ["model.moe_shared_expert_intermediate_size": 0], at: "model.moe_shared_expert_intermediate_size",
        "null for no shared experts"),
      .accepted("DIM-06", ["model.moe_shared_expert_intermediate_size": .null]),
      .accepted(
        "DIM-06", ["model.moe_shared_expert_intermediate_size": 2817, "parallelism.tensor_model_parallel_size": 1]),
    ] as [ValidationCase])
  func widths(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "formats and kernels",
    arguments: [
      .error("DIM-08", ["mixed_precision.fp16": true], at: "mixed_precision.fp16", "both on"),
      .error(
        "DIM-10", ["model.apply_query_key_layer_scaling": true], at: "model.apply_query_key_layer_scaling", "is not set"
      ),
      .error(
        "DIM-10", ["env_vars.NVTE_APPLY_QK_LAYER_SCALING": "1"], at: "model.apply_query_key_layer_scaling", "is \"1\""),
      .error(
        "DIM-10", ["env_vars.NVTE_APPLY_QK_LAYER_SCALING": "yes"], at: "env_vars.NVTE_APPLY_QK_LAYER_SCALING",
        "reads a number"),
      .accepted(
        "DIM-10", ["model.apply_query_key_layer_scaling": true, "env_vars.NVTE_APPLY_QK_LAYER_SCALING": "1"]),
      .accepted("DIM-10", ["env_vars.NVTE_APPLY_QK_LAYER_SCALING": "0"]),
      .error(
        "DIM-12", ["model.activation_func": "squared_relu"], at: "model.bias_activation_fusion", "not for squared_relu"),
      .error(
        "DIM-12", ["model.activation_func": "gelu"], at: "model.bias_activation_fusion", "only for the gated silu"),
      .error(
        "DIM-12", ["model.activation_func": "gelu", "model.moe_grouped_gemm": false],
        at: "model.bias_activation_fusion", "only for the gated silu"),
      .error(
        "DIM-12", ["model.use_te_activation_func": true], at: "model.use_te_activation_func", "exclude each other"),
      .error("DIM-12", ["model.glu_linear_offset": 1.0], at: "model.glu_linear_offset", "no kernel"),
      .accepted("DIM-12", ["model.activation_func": "squared_relu", "model.bias_activation_fusion": false]),
      .error(
        "DIM-13", ["model.transformer_impl": "inference_optimized", "model.normalization": "LayerNorm"],
        at: "model.transformer_impl", "RMSNorm and no biases"
      ).in(.bridge031),
      .accepted("DIM-13", ["model.transformer_impl": "inference_optimized"]).in(.bridge031),
      .error("DIM-14", ["model.batch_invariant_mode": true], at: "model.batch_invariant_mode", "FlashAttention"),
      .accepted(
        "DIM-14",
        [
          "model.batch_invariant_mode": true, "model.attention_backend": "flash", "model.flash_attention_version": 3,
        ]),
      .error("DIM-14", ["model.no_rope_freq": 2], at: "model.no_rope_freq", "does not divide 27 layers"),
      .accepted("DIM-14", ["model.no_rope_freq": 3]),
      .error(
        "DIM-14", on: .pipeline,
        [
          "model.hybrid_context_parallel": true, "cluster.num_nodes": 3, "parallelism.expert_model_parallel_size": 2,
          "train.global_batch_size": 2046,
        ],
        at: "model.hybrid_context_parallel", "halves groups of DP 3 x CP 1 = 3 ranks"),
      .error("DIM-14", ["model.use_kitchen": true], at: "model.use_kitchen", "in no release"),
    ] as [ValidationCase])
  func kernels(_ item: ValidationCase) throws { try item.check() }
}
