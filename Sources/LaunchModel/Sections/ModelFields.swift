/// The architecture, and the kernels that compute it. Defaults are those of Megatron's classes, not Moonlight's:
/// a recipe or a preset brings the latter.
public final class ModelFields: SectionFields {
  public static let fields = ModelFields()
  public static let schema = SectionSchema(
    "model", of: fields, "The architecture, and the kernels that compute it.")

  // MARK: Size

  public let numLayers = Field<Int>(
    "num_layers", default: 0, in: .groupSize, aliases: ["num_hidden_layers", "n_layers"], "Decoder layers.")
  public let hiddenSize = Field<Int>(
    "hidden_size", default: 0, in: .size, aliases: ["d_model", "n_embd"], "Width of the residual stream.")
  public let ffnHiddenSize = Field<Int?>(
    "ffn_hidden_size", default: nil, in: .size, aliases: ["intermediate_size"],
    "Width of a dense layer's MLP; `null` takes `4 * hidden_size`.")
  public let numAttentionHeads = Field<Int>(
    "num_attention_heads", default: 0, in: .groupSize, aliases: ["n_heads", "num_heads"], "Attention heads.")
  public let numQueryGroups = Field<Int?>(
    "num_query_groups", default: nil, in: .groupSize, aliases: ["num_key_value_heads"],
    "Key-value heads; MLA does not use them, but Megatron checks them.")
  public let kvChannels = Field<Int?>(
    "kv_channels", default: nil, in: .size, "Width of a head; `null` takes `hidden_size // num_attention_heads`.")
  public let vocabSize = Field<Int?>(
    "vocab_size", default: nil, in: .size, "Rows of the embedding; `null` takes the tokenizer's, padded.")
  public let makeVocabSizeDivisibleBy = Field<Int>(
    "make_vocab_size_divisible_by", default: 128, in: .size,
    "A vocabulary taken from the tokenizer is padded to a multiple of this times TP.")
  public let shouldPadVocab = Field<Bool>("should_pad_vocab", default: false, "Pads a vocabulary that is written, too.")
  public let shareEmbeddingsAndOutputWeights = Field<Bool>(
    "share_embeddings_and_output_weights", default: true, aliases: ["tie_word_embeddings"],
    "The output head is the embedding.")
  public let seqLength = Field<Int>(
    "seq_length", default: 1024, in: .size, aliases: ["sequence_length", "max_seq_length", "context_length"],
    "Tokens of a sequence.")
  public let maxPositionEmbeddings = Field<Int>(
    "max_position_embeddings", default: 4096, in: .size, "Positions the model was made for.")
  public let mtpNumLayers = Field<Int?>(
    "mtp_num_layers", default: nil, in: .count, aliases: ["num_nextn_predict_layers"],
    "Layers of multi-token prediction; Moonlight has none.")
  public let mtpLossScalingFactor = Field<Double?>(
    "mtp_loss_scaling_factor", default: 0.1, in: .nonNegative, "Weight of their loss.")

  // MARK: Multi-latent attention

  public let multiLatentAttention = Field<Bool>(
    "multi_latent_attention", default: false, aliases: ["mla"], "Keys and values come from a small shared latent.")
  public let qLoraRank = Field<Int?>(
    "q_lora_rank", default: 512, in: .size, "Width of the query latent; `null` for one full query projection.")
  public let kvLoraRank = Field<Int>("kv_lora_rank", default: 512, in: .size, "Width of the key-value latent.")
  public let qkHeadDim = Field<Int>(
    "qk_head_dim", default: 128, in: .size, aliases: ["qk_nope_head_dim"],
    "Part of a query or key head without rotation.")
  public let qkPosEmbHeadDim = Field<Int>(
    "qk_pos_emb_head_dim", default: 64, in: .size, aliases: ["qk_rope_head_dim"],
    "Part of a query or key head that is rotated.")
  public let vHeadDim = Field<Int>("v_head_dim", default: 128, in: .size, "Width of a value head.")
  public let qkLayernorm = Field<Bool>(
    "qk_layernorm", default: false, "Normalises the latents; without it the checkpoint lacks `kv_a_layernorm`.")
  public let qkL2Norm = Field<Bool>("qk_l2_norm", default: false, "L2-normalises queries and keys; not for MLA.")
  public let attentionOutputGate = Field<Bool>(
    "attention_output_gate", default: false, "Gates the output; not for MLA.")
  public let cacheMLALatents = Field<Bool>("cache_mla_latents", default: false, "Keeps latents at inference.")

  // MARK: Positions

  public let positionEmbeddingType = Field<PositionEmbedding>(
    "position_embedding_type", default: .learnedAbsolute, "Kind of position embedding.")
  public let ropeType = Field<RopeType>("rope_type", default: .yarn, "`rope`, or `yarn` for a stretched context.")
  public let rotaryBase = Field<Double>(
    "rotary_base", default: 10_000, in: .positive, aliases: ["rope_theta"], "Base of the rotation frequencies.")
  public let rotaryPercent = Field<Double>("rotary_percent", default: 1, in: .unitInterval, "Share of a head rotated.")
  public let rotaryScalingFactor = Field<Double>(
    "rotary_scaling_factor", default: 40, in: .positive, "How far YaRN stretches the context; 1 for not at all.")
  public let originalMaxPositionEmbeddings = Field<Int>(
    "original_max_position_embeddings", default: 4096, in: .size, "Context before stretching.")
  public let betaFast = Field<Double>("beta_fast", default: 32, in: .positive, "YaRN: rotations that stay.")
  public let betaSlow = Field<Double>("beta_slow", default: 1, in: .positive, "YaRN: rotations that are stretched.")
  public let mscale = Field<Double>("mscale", default: 1, in: .nonNegative, "YaRN: attention temperature.")
  public let mscaleAllDim = Field<Double>(
    "mscale_all_dim", default: 0, in: .nonNegative, "YaRN: attention temperature of the whole head.")
  public let rotaryInterleaved = Field<Bool>(
    "rotary_interleaved", default: false, "Rotates neighbouring pairs; Megatron's MLA wants `false` and does so itself."
  )
  public let applyRopeFusion = Field<Bool>(
    "apply_rope_fusion", default: false, "Fused rotation kernel; for MLA it needs `rope_type: yarn`.")

  // MARK: Layers

  public let normalization = Field<Normalization>("normalization", default: .layerNorm, "Kind of norm.")
  public let layernormEpsilon = Field<Double>(
    "layernorm_epsilon", default: 1e-5, in: .positive, aliases: ["rms_norm_eps", "norm_epsilon"], "Epsilon of norms.")
  public let activationFunction = Field<ActivationFunction>(
    "activation_func", default: .gelu, aliases: ["hidden_act"], "Activation of MLPs.")
  public let gatedLinearUnit = Field<Bool>("gated_linear_unit", default: false, "MLPs with a gate, as in SwiGLU.")
  public let addBiasLinear = Field<Bool>("add_bias_linear", default: true, aliases: ["attention_bias"], "Biases.")
  public let addQKVBias = Field<Bool>("add_qkv_bias", default: false, "Biases of query, key and value.")
  public let hiddenDropout = Field<Double>("hidden_dropout", default: 0.1, in: .unitInterval, "Dropout of layers.")
  public let attentionDropout = Field<Double>(
    "attention_dropout", default: 0.1, in: .unitInterval, "Dropout of attention weights.")
  public let initMethodStd = Field<Double>(
    "init_method_std", default: 0.02, in: .nonNegative, aliases: ["initializer_range"], "Spread of initial weights.")

  // MARK: Mixture of experts

  public let numMoEExperts = Field<Int?>(
    "num_moe_experts", default: nil, in: .groupSize, aliases: ["n_routed_experts", "num_experts"], "Routed experts.")
  public let moeRouterTopK = Field<Int>(
    "moe_router_topk", default: 2, in: .groupSize, aliases: ["num_experts_per_tok", "topk", "moe_topk"],
    "Routed experts of each token.")
  public let moeFFNHiddenSize = Field<Int?>(
    "moe_ffn_hidden_size", default: nil, in: .size, aliases: ["moe_intermediate_size"], "Width of a routed expert.")
  public let moeSharedExpertIntermediateSize = Field<Int?>(
    "moe_shared_expert_intermediate_size", default: nil, in: .count,
    "Width of all shared experts together: their number times `moe_ffn_hidden_size`.")
  public let moeLayerFrequency = Field<OneOrMany<Int>>(
    "moe_layer_freq", default: .one(1), in: .count,
    "Which layers are MoE: every n-th, or a list with 1 for MoE and 0 for dense.")
  public let moeRouterScoreFunction = Field<RouterScoreFunction>(
    "moe_router_score_function", default: .softmax, aliases: ["scoring_func"], "`sigmoid` for DeepSeek-V3's router.")
  public let moeRouterPreSoftmax = Field<Bool>("moe_router_pre_softmax", default: false, "Scores before the top-k.")
  public let moeRouterEnableExpertBias = Field<Bool>(
    "moe_router_enable_expert_bias", default: false, "A bias per expert that only selects (auxiliary-loss-free).")
  public let moeRouterBiasUpdateRate = Field<Double>(
    "moe_router_bias_update_rate", default: 1e-3, "Step of that bias.")
  public let moeRouterNumGroups = Field<Int?>(
    "moe_router_num_groups", default: nil, in: .groupSize, aliases: ["n_group"], "Groups of experts.")
  public let moeRouterGroupTopK = Field<Int?>(
    "moe_router_group_topk", default: nil, in: .count, aliases: ["topk_group"], "Groups a token may use.")
  public let moeRouterTopKScalingFactor = Field<Double?>(
    "moe_router_topk_scaling_factor", default: nil, aliases: ["routed_scaling_factor"], "Times the routed output.")
  public let moeRouterDataType = Field<RouterDataType?>(
    "moe_router_dtype", default: nil, "Format of the router's scores.")
  public let moeRouterLoadBalancingType = Field<OneOrMany<LoadBalancing>>(
    "moe_router_load_balancing_type", default: .one(.auxLoss), "Auxiliary losses that spread the load.")
  public let moeAuxLossCoefficient = Field<OneOrMany<Double>>(
    "moe_aux_loss_coeff", default: .one(0), aliases: ["aux_loss_alpha"], "Their weights.")
  public let moeZLossCoefficient = Field<Double?>("moe_z_loss_coeff", default: nil, "Weight of the z-loss.")
  public let moeRouterForceLoadBalancing = Field<Bool>(
    "moe_router_force_load_balancing", default: false, "Random routing, for benchmarks only.")
  public let moeRouterPaddingForFP8 = Field<Bool?>(
    "moe_router_padding_for_fp8", default: false, "Pads each expert's tokens for fp8.")
  public let moeRouterPaddingForQuantization = Field<Bool?>(
    "moe_router_padding_for_quantization", default: false, "Pads each expert's tokens for quantised GEMMs.")
  public let moeRouterTopKLimitedDevices = Field<Int?>(
    "moe_router_topk_limited_devices", default: nil, in: .count, "Deprecated; use `moe_router_group_topk`.")
  public let moeGroupedGEMM = Field<Bool>("moe_grouped_gemm", default: false, "One GEMM for all local experts.")
  public let moeUseLegacyGroupedGEMM = Field<Bool>(
    "moe_use_legacy_grouped_gemm", default: false, "The grouped_gemm package instead of Transformer Engine.")
  public let moePermuteFusion = Field<Bool>("moe_permute_fusion", default: false, "Fused token permutation.")
  public let moeTokenDispatcherType = Field<TokenDispatcher>(
    "moe_token_dispatcher_type", default: .allgather, "How tokens reach their experts.")
  public let moeEnableDeepEP = Field<Bool>(
    "moe_enable_deepep", default: false, "Deprecated: DeepEP kernels for `flex`.")
  public let moeFlexDispatcherBackend = Field<FlexDispatcherBackend>(
    "moe_flex_dispatcher_backend", default: .deepep, "Kernels of the `flex` dispatcher.")
  public let moeSharedExpertOverlap = Field<Bool>(
    "moe_shared_expert_overlap", default: false, "Runs shared experts while tokens travel; `alltoall` only.")
  public let moeExpertCapacityFactor = Field<Double?>(
    "moe_expert_capacity_factor", default: nil, "Drops tokens over this multiple of an even load; `null` drops none.")
  public let moePadExpertInputToCapacity = Field<Bool>(
    "moe_pad_expert_input_to_capacity", default: false, "Pads each expert's tokens to its capacity.")
  public let moeLayerRecompute = Field<Bool>(
    "moe_layer_recompute", default: false, "Deprecated; use `recompute_modules`.")
  public let overlapMoEExpertParallelComm = Field<Bool>(
    "overlap_moe_expert_parallel_comm", default: false, "Overlaps the experts' all-to-all with compute.")
  public let delayWgradCompute = Field<Bool>(
    "delay_wgrad_compute", default: false, "Puts weight gradients off to hide the all-to-all.")

  // MARK: Kernels

  public let transformerImplementation = Field<TransformerImplementation>(
    "transformer_impl", default: .transformerEngine, "Whose layers.")
  public let attentionBackend = Field<AttentionBackend?>("attention_backend", default: .auto, "Whose attention kernel.")
  public let gradientAccumulationFusion = Field<Bool>(
    "gradient_accumulation_fusion", default: false, "Adds weight gradients up inside the GEMM.")
  public let crossEntropyLossFusion = Field<Bool>("cross_entropy_loss_fusion", default: false, "Fused cross entropy.")
  public let crossEntropyFusionImplementation = Field<CrossEntropyImplementation>(
    "cross_entropy_fusion_impl", default: .native, "Whose.")
  public let biasActivationFusion = Field<Bool>("bias_activation_fusion", default: false, "Fused bias and activation.")
  public let biasDropoutFusion = Field<Bool>("bias_dropout_fusion", default: false, "Fused bias and dropout.")
  public let maskedSoftmaxFusion = Field<Bool>("masked_softmax_fusion", default: false, "Fused masked softmax.")
  public let persistLayerNorm = Field<Bool>("persist_layer_norm", default: false, "Persistent layer-norm kernel.")
  public let attentionSoftmaxInFP32 = Field<Bool>("attention_softmax_in_fp32", default: true, "Softmax in fp32.")
  public let applyQueryKeyLayerScaling = Field<Bool>(
    "apply_query_key_layer_scaling", default: false, "Scales scores by the layer's number.")
  public let calculatePerTokenLoss = Field<Bool>(
    "calculate_per_token_loss", default: false, "Averages the loss over all tokens instead of micro-batches.")
  public let deterministicMode = Field<Bool>("deterministic_mode", default: false, "Only kernels that repeat exactly.")
  public let tpCommOverlap = Field<Bool>(
    "tp_comm_overlap", default: false, "Overlaps tensor-parallel communication; `comm_overlap` has the last word.")
  public let overlapP2PComm = Field<Bool>(
    "overlap_p2p_comm", default: false, "Overlaps transfers between stages; `comm_overlap` has the last word.")
  public let batchP2PComm = Field<Bool>(
    "batch_p2p_comm", default: true, "Batches transfers between stages; `comm_overlap` has the last word.")
  public let overlapP2PCommWarmupFlush = Field<Bool>(
    "overlap_p2p_comm_warmup_flush", default: false, "Overlaps them while the pipeline fills and drains.")
  public let deferEmbeddingWgradCompute = Field<Bool>(
    "defer_embedding_wgrad_compute", default: false, "Puts the head's weight gradient off until the pipeline drains.")
  public let wgradDeferralLimit = Field<Int>(
    "wgrad_deferral_limit", default: 0, in: Bounds(lower: -1, upper: 2_147_483_647), "How many are put off.")
  public let variableSeqLengths = Field<Bool>("variable_seq_lengths", default: false, "Sequences of different lengths.")
  public let cpuOffloading = Field<Bool>("cpu_offloading", default: false, "Moves activations to host memory.")
  public let cpuOffloadingNumLayers = Field<Int>(
    "cpu_offloading_num_layers", default: 0, in: Bounds(lower: -1_048_576, upper: 1_048_576), "Of how many layers.")
  public let cudaGraphImplementation = Field<String>(
    "cuda_graph_impl", default: "none", "`none`, `local` or `transformer_engine`.")
  public let useTERNGTracker = Field<Bool>("use_te_rng_tracker", default: false, "Needed by CUDA graphs.")
  public let fineGrainedActivationOffloading = Field<Bool>(
    "fine_grained_activation_offloading", default: false, "Moves chosen activations to host memory.")
  public let fp16 = Field<Bool>("fp16", default: false, "`mixed_precision` has the last word.")
  public let bf16 = Field<Bool>("bf16", default: false, "`mixed_precision` has the last word.")
}
