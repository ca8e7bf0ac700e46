/// The architecture, and the kernels that compute it. Defaults are those of Megatron's classes, not Moonlight's:
/// a recipe or a preset brings the latter.
public struct ModelFields: SectionFields {
  public static let fields = ModelFields()
  public static let schema = SectionSchema(
    "model", fields.declarations, "The architecture, and the kernels that compute it.")
  let declarations: [FieldDeclaration]

  // MARK: Size

  public let numLayers: Field<Int>
  public let hiddenSize: Field<Int>
  public let ffnHiddenSize: Field<Int?>
  public let numAttentionHeads: Field<Int>
  public let numQueryGroups: Field<Int?>
  public let kvChannels: Field<Int?>
  public let vocabSize: Field<Int?>
  public let makeVocabSizeDivisibleBy: Field<Int>
  public let shouldPadVocab: Field<Bool>
  public let shareEmbeddingsAndOutputWeights: Field<Bool>
  public let seqLength: Field<Int>
  public let maxPositionEmbeddings: Field<Int>
  public let mtpNumLayers: Field<Int?>
  public let mtpLossScalingFactor: Field<Double?>

  // MARK: Multi-latent attention

  public let multiLatentAttention: Field<Bool>
  public let qLoraRank: Field<Int?>
  public let kvLoraRank: Field<Int>
  public let qkHeadDim: Field<Int>
  public let qkPosEmbHeadDim: Field<Int>
  public let vHeadDim: Field<Int>
  public let qkLayernorm: Field<Bool>
  public let qkL2Norm: Field<Bool>
  public let attentionOutputGate: Field<Bool>
  public let cacheMLALatents: Field<Bool>

  // MARK: Positions

  public let positionEmbeddingType: Field<PositionEmbedding>
  public let ropeType: Field<RopeType>
  public let rotaryBase: Field<Double>
  public let rotaryPercent: Field<Double>
  public let rotaryScalingFactor: Field<Double>
  public let originalMaxPositionEmbeddings: Field<Int>
  public let betaFast: Field<Double>
  public let betaSlow: Field<Double>
  public let mscale: Field<Double>
  public let mscaleAllDim: Field<Double>
  public let rotaryInterleaved: Field<Bool>
  public let applyRopeFusion: Field<Bool>

  // MARK: Layers

  public let normalization: Field<Normalization>
  public let layernormEpsilon: Field<Double>
  public let activationFunction: Field<ActivationFunction>
  public let gatedLinearUnit: Field<Bool>
  public let addBiasLinear: Field<Bool>
  public let addQKVBias: Field<Bool>
  public let hiddenDropout: Field<Double>
  public let attentionDropout: Field<Double>
  public let initMethodStd: Field<Double>

  // MARK: Mixture of experts

  public let numMoEExperts: Field<Int?>
  public let moeRouterTopK: Field<Int>
  public let moeFFNHiddenSize: Field<Int?>
  public let moeSharedExpertIntermediateSize: Field<Int?>
  public let moeLayerFrequency: Field<OneOrMany<Int>>
  public let moeRouterScoreFunction: Field<RouterScoreFunction>
  public let moeRouterPreSoftmax: Field<Bool>
  public let moeRouterEnableExpertBias: Field<Bool>
  public let moeRouterBiasUpdateRate: Field<Double>
  public let moeRouterNumGroups: Field<Int?>
  public let moeRouterGroupTopK: Field<Int?>
  public let moeRouterTopKScalingFactor: Field<Double?>
  public let moeRouterDataType: Field<RouterDataType?>
  public let moeRouterLoadBalancingType: Field<OneOrMany<LoadBalancing>>
  public let moeAuxLossCoefficient: Field<OneOrMany<Double>>
  public let moeZLossCoefficient: Field<Double?>
  public let moeRouterForceLoadBalancing: Field<Bool>
  public let moeRouterPaddingForFP8: Field<Bool?>
  public let moeRouterPaddingForQuantization: Field<Bool?>
  public let moeRouterTopKLimitedDevices: Field<Int?>
  public let moeGroupedGEMM: Field<Bool>
  public let moeUseLegacyGroupedGEMM: Field<Bool>
  public let moePermuteFusion: Field<Bool>
  public let moeTokenDispatcherType: Field<TokenDispatcher>
  public let moeEnableDeepEP: Field<Bool>
  public let moeFlexDispatcherBackend: Field<FlexDispatcherBackend>
  public let moeSharedExpertOverlap: Field<Bool>
  public let moeExpertCapacityFactor: Field<Double?>
  public let moePadExpertInputToCapacity: Field<Bool>
  public let moeLayerRecompute: Field<Bool>
  public let overlapMoEExpertParallelComm: Field<Bool>
  public let delayWgradCompute: Field<Bool>

  // MARK: Kernels

  public let transformerImplementation: Field<TransformerImplementation>
  public let attentionBackend: Field<AttentionBackend?>
  public let gradientAccumulationFusion: Field<Bool>
  public let crossEntropyLossFusion: Field<Bool>
  public let crossEntropyFusionImplementation: Field<CrossEntropyImplementation>
  public let biasActivationFusion: Field<Bool>
  public let biasDropoutFusion: Field<Bool>
  public let maskedSoftmaxFusion: Field<Bool>
  public let persistLayerNorm: Field<Bool>
  public let attentionSoftmaxInFP32: Field<Bool>
  public let applyQueryKeyLayerScaling: Field<Bool>
  public let calculatePerTokenLoss: Field<Bool>
  public let deterministicMode: Field<Bool>
  public let tpCommOverlap: Field<Bool>
  public let overlapP2PComm: Field<Bool>
  public let batchP2PComm: Field<Bool>
  public let overlapP2PCommWarmupFlush: Field<Bool>
  public let deferEmbeddingWgradCompute: Field<Bool>
  public let wgradDeferralLimit: Field<Int>
  public let variableSeqLengths: Field<Bool>
  public let cpuOffloading: Field<Bool>
  public let cpuOffloadingNumLayers: Field<Int>
  public let cudaGraphImplementation: Field<String>
  public let useTERNGTracker: Field<Bool>
  public let fineGrainedActivationOffloading: Field<Bool>
  public let fp16: Field<Bool>
  public let bf16: Field<Bool>

  private init() {
    var list = FieldList()
    // Size
    numLayers = list.add(
      "num_layers", default: 0, in: .groupSize, aliases: ["num_hidden_layers", "n_layers"], "Decoder layers.")
    hiddenSize = list.add(
      "hidden_size", default: 0, in: .size, aliases: ["d_model", "n_embd"], "Width of the residual stream.")
    ffnHiddenSize = list.add(
      "ffn_hidden_size", default: nil, in: .size, aliases: ["intermediate_size"],
      "Width of a dense layer's MLP; `null` takes `4 * hidden_size`.")
    numAttentionHeads = list.add(
      "num_attention_heads", default: 0, in: .groupSize, aliases: ["n_heads", "num_heads"], "Attention heads.")
    numQueryGroups = list.add(
      "num_query_groups", default: nil, in: .groupSize, aliases: ["num_key_value_heads"],
      "Key-value heads; MLA does not use them, but Megatron checks them.")
    kvChannels = list.add(
      "kv_channels", default: nil, in: .size, "Width of a head; `null` takes `hidden_size // num_attention_heads`.")
    vocabSize = list.add(
      "vocab_size", default: nil, in: .size, "Rows of the embedding; `null` takes the tokenizer's, padded.")
    makeVocabSizeDivisibleBy = list.add(
      "make_vocab_size_divisible_by", default: 128, in: .size,
      "A vocabulary taken from the tokenizer is padded to a multiple of this times TP.")
    shouldPadVocab = list.add("should_pad_vocab", default: false, "Pads a vocabulary that is written, too.")
    shareEmbeddingsAndOutputWeights = list.add(
      "share_embeddings_and_output_weights", default: true, aliases: ["tie_word_embeddings"],
      "The output head is the embedding.")
    seqLength = list.add(
      "seq_length", default: 1024, in: .size, aliases: ["sequence_length", "max_seq_length", "context_length"],
      "Tokens of a sequence.")
    maxPositionEmbeddings = list.add(
      "max_position_embeddings", default: 4096, in: .size, isOwn: true, "Positions the model was made for.")
    mtpNumLayers = list.add(
      "mtp_num_layers", default: nil, in: .count, aliases: ["num_nextn_predict_layers"],
      "Layers of multi-token prediction; Moonlight has none.")
    mtpLossScalingFactor = list.add("mtp_loss_scaling_factor", default: 0.1, in: .nonNegative, "Weight of their loss.")

    // Multi-latent attention
    multiLatentAttention = list.add(
      "multi_latent_attention", default: false, aliases: ["mla"], "Keys and values come from a small shared latent.")
    qLoraRank = list.add(
      "q_lora_rank", default: 512, in: .size, "Width of the query latent; `null` for one full query projection.")
    kvLoraRank = list.add("kv_lora_rank", default: 512, in: .size, "Width of the key-value latent.")
    qkHeadDim = list.add(
      "qk_head_dim", default: 128, in: .size, aliases: ["qk_nope_head_dim"],
      "Part of a query or key head without rotation.")
    qkPosEmbHeadDim = list.add(
      "qk_pos_emb_head_dim", default: 64, in: .size, aliases: ["qk_rope_head_dim"],
      "Part of a query or key head that is rotated.")
    vHeadDim = list.add("v_head_dim", default: 128, in: .size, "Width of a value head.")
    qkLayernorm = list.add(
      "qk_layernorm", default: false, "Normalises the latents; without it the checkpoint lacks `kv_a_layernorm`.")
    qkL2Norm = list.add("qk_l2_norm", default: false, "L2-normalises queries and keys; not for MLA.")
    attentionOutputGate = list.add("attention_output_gate", default: false, "Gates the output; not for MLA.")
    cacheMLALatents = list.add("cache_mla_latents", default: false, "Keeps latents at inference.")

    // Positions
    positionEmbeddingType = list.add(
      "position_embedding_type", default: .learnedAbsolute, "Kind of position embedding.")
    ropeType = list.add("rope_type", default: .yarn, "`rope`, or `yarn` for a stretched context.")
    rotaryBase = list.add(
      "rotary_base", default: 10_000, in: .positive, aliases: ["rope_theta"], "Base of the rotation frequencies.")
    rotaryPercent = list.add("rotary_percent", default: 1, in: .unitInterval, "Share of a head rotated.")
    rotaryScalingFactor = list.add(
      "rotary_scaling_factor", default: 40, in: .positive, "How far YaRN stretches the context; 1 for not at all.")
    originalMaxPositionEmbeddings = list.add(
      "original_max_position_embeddings", default: 4096, in: .size, "Context before stretching.")
    betaFast = list.add("beta_fast", default: 32, in: .positive, "YaRN: rotations that stay.")
    betaSlow = list.add("beta_slow", default: 1, in: .positive, "YaRN: rotations that are stretched.")
    mscale = list.add("mscale", default: 1, in: .nonNegative, "YaRN: attention temperature.")
    mscaleAllDim = list.add(
      "mscale_all_dim", default: 0, in: .nonNegative, "YaRN: attention temperature of the whole head.")
    rotaryInterleaved = list.add(
      "rotary_interleaved", default: false,
      "Rotates neighbouring pairs; Megatron's MLA wants `false` and does so itself."
    )
    applyRopeFusion = list.add(
      "apply_rope_fusion", default: false, "Fused rotation kernel; for MLA it needs `rope_type: yarn`.")

    // Layers
    normalization = list.add("normalization", default: .layerNorm, "Kind of norm.")
    layernormEpsilon = list.add(
      "layernorm_epsilon", default: 1e-5, in: .positive, aliases: ["rms_norm_eps", "norm_epsilon"], "Epsilon of norms.")
    activationFunction = list.add("activation_func", default: .gelu, aliases: ["hidden_act"], "Activation of MLPs.")
    gatedLinearUnit = list.add("gated_linear_unit", default: false, "MLPs with a gate, as in SwiGLU.")
    addBiasLinear = list.add("add_bias_linear", default: true, aliases: ["attention_bias"], "Biases.")
    addQKVBias = list.add("add_qkv_bias", default: false, "Biases of query, key and value.")
    hiddenDropout = list.add("hidden_dropout", default: 0.1, in: .unitInterval, "Dropout of layers.")
    attentionDropout = list.add("attention_dropout", default: 0.1, in: .unitInterval, "Dropout of attention weights.")
    initMethodStd = list.add(
      "init_method_std", default: 0.02, in: .nonNegative, aliases: ["initializer_range"], "Spread of initial weights.")

    // Mixture of experts
    numMoEExperts = list.add(
      "num_moe_experts", default: nil, in: .groupSize, aliases: ["n_routed_experts", "num_experts"], "Routed experts.")
    moeRouterTopK = list.add(
      "moe_router_topk", default: 2, in: .groupSize, aliases: ["num_experts_per_tok", "topk", "moe_topk"],
      "Routed experts of each token.")
    moeFFNHiddenSize = list.add(
      "moe_ffn_hidden_size", default: nil, in: .size, aliases: ["moe_intermediate_size"], "Width of a routed expert.")
    moeSharedExpertIntermediateSize = list.add(
      "moe_shared_expert_intermediate_size", default: nil, in: .count,
      "Width of all shared experts together: their number times `moe_ffn_hidden_size`.")
    moeLayerFrequency = list.add(
      "moe_layer_freq", default: .one(1), in: .count,
      "Which layers are MoE: every n-th, or a list with 1 for MoE and 0 for dense.")
    moeRouterScoreFunction = list.add(
      "moe_router_score_function", default: .softmax, aliases: ["scoring_func"], "`sigmoid` for DeepSeek-V3's router.")
    moeRouterPreSoftmax = list.add("moe_router_pre_softmax", default: false, "Scores before the top-k.")
    moeRouterEnableExpertBias = list.add(
      "moe_router_enable_expert_bias", default: false, "A bias per expert that only selects (auxiliary-loss-free).")
    moeRouterBiasUpdateRate = list.add("moe_router_bias_update_rate", default: 1e-3, "Step of that bias.")
    moeRouterNumGroups = list.add(
      "moe_router_num_groups", default: nil, in: .groupSize, aliases: ["n_group"], "Groups of experts.")
    moeRouterGroupTopK = list.add(
      "moe_router_group_topk", default: nil, in: .count, aliases: ["topk_group"], "Groups a token may use.")
    moeRouterTopKScalingFactor = list.add(
      "moe_router_topk_scaling_factor", default: nil, aliases: ["routed_scaling_factor"], "Times the routed output.")
    moeRouterDataType = list.add("moe_router_dtype", default: nil, "Format of the router's scores.")
    moeRouterLoadBalancingType = list.add(
      "moe_router_load_balancing_type", default: .one(.auxLoss), "Auxiliary losses that spread the load.")
    moeAuxLossCoefficient = list.add(
      "moe_aux_loss_coeff", default: .one(0), aliases: ["aux_loss_alpha"], "Their weights.")
    moeZLossCoefficient = list.add("moe_z_loss_coeff", default: nil, "Weight of the z-loss.")
    moeRouterForceLoadBalancing = list.add(
      "moe_router_force_load_balancing", default: false, "Random routing, for benchmarks only.")
    moeRouterPaddingForFP8 = list.add(
      "moe_router_padding_for_fp8", default: false, "Pads each expert's tokens for fp8.")
    moeRouterPaddingForQuantization = list.add(
      "moe_router_padding_for_quantization", default: false, "Pads each expert's tokens for quantised GEMMs.")
    moeRouterTopKLimitedDevices = list.add(
      "moe_router_topk_limited_devices", default: nil, in: .count, "Deprecated; use `moe_router_group_topk`.")
    moeGroupedGEMM = list.add("moe_grouped_gemm", default: false, "One GEMM for all local experts.")
    moeUseLegacyGroupedGEMM = list.add(
      "moe_use_legacy_grouped_gemm", default: false, "The grouped_gemm package instead of Transformer Engine.")
    moePermuteFusion = list.add("moe_permute_fusion", default: false, "Fused token permutation.")
    moeTokenDispatcherType = list.add(
      "moe_token_dispatcher_type", default: .allgather, "How tokens reach their experts.")
    moeEnableDeepEP = list.add("moe_enable_deepep", default: false, "Deprecated: DeepEP kernels for `flex`.")
    moeFlexDispatcherBackend = list.add(
      "moe_flex_dispatcher_backend", default: .deepep, "Kernels of the `flex` dispatcher.")
    moeSharedExpertOverlap = list.add(
      "moe_shared_expert_overlap", default: false, "Runs shared experts while tokens travel; `alltoall` only.")
    moeExpertCapacityFactor = list.add(
      "moe_expert_capacity_factor", default: nil, "Drops tokens over this multiple of an even load; `null` drops none.")
    moePadExpertInputToCapacity = list.add(
      "moe_pad_expert_input_to_capacity", default: false, "Pads each expert's tokens to its capacity.")
    moeLayerRecompute = list.add("moe_layer_recompute", default: false, "Deprecated; use `recompute_modules`.")
    overlapMoEExpertParallelComm = list.add(
      "overlap_moe_expert_parallel_comm", default: false, "Overlaps the experts' all-to-all with compute.")
    delayWgradCompute = list.add(
      "delay_wgrad_compute", default: false, "Puts weight gradients off to hide the all-to-all.")

    // Kernels
    transformerImplementation = list.add("transformer_impl", default: .transformerEngine, "Whose layers.")
    attentionBackend = list.add("attention_backend", default: .auto, "Whose attention kernel.")
    gradientAccumulationFusion = list.add(
      "gradient_accumulation_fusion", default: false, "Adds weight gradients up inside the GEMM.")
    crossEntropyLossFusion = list.add("cross_entropy_loss_fusion", default: false, "Fused cross entropy.")
    crossEntropyFusionImplementation = list.add("cross_entropy_fusion_impl", default: .native, "Whose.")
    biasActivationFusion = list.add("bias_activation_fusion", default: false, "Fused bias and activation.")
    biasDropoutFusion = list.add("bias_dropout_fusion", default: false, "Fused bias and dropout.")
    maskedSoftmaxFusion = list.add("masked_softmax_fusion", default: false, "Fused masked softmax.")
    persistLayerNorm = list.add("persist_layer_norm", default: false, "Persistent layer-norm kernel.")
    attentionSoftmaxInFP32 = list.add("attention_softmax_in_fp32", default: true, "Softmax in fp32.")
    applyQueryKeyLayerScaling = list.add(
      "apply_query_key_layer_scaling", default: false, "Scales scores by the layer's number.")
    calculatePerTokenLoss = list.add(
      "calculate_per_token_loss", default: false, "Averages the loss over all tokens instead of micro-batches.")
    deterministicMode = list.add("deterministic_mode", default: false, "Only kernels that repeat exactly.")
    tpCommOverlap = list.add(
      "tp_comm_overlap", default: false, "Overlaps tensor-parallel communication; `comm_overlap` has the last word.")
    overlapP2PComm = list.add(
      "overlap_p2p_comm", default: false, "Overlaps transfers between stages; `comm_overlap` has the last word.")
    batchP2PComm = list.add(
      "batch_p2p_comm", default: true, "Batches transfers between stages; `comm_overlap` has the last word.")
    overlapP2PCommWarmupFlush = list.add(
      "overlap_p2p_comm_warmup_flush", default: false, "Overlaps them while the pipeline fills and drains.")
    deferEmbeddingWgradCompute = list.add(
      "defer_embedding_wgrad_compute", default: false, "Puts the head's weight gradient off until the pipeline drains.")
    wgradDeferralLimit = list.add(
      "wgrad_deferral_limit", default: 0, in: Bounds(lower: -1, upper: 2_147_483_647), "How many are put off.")
    variableSeqLengths = list.add("variable_seq_lengths", default: false, "Sequences of different lengths.")
    cpuOffloading = list.add("cpu_offloading", default: false, "Moves activations to host memory.")
    cpuOffloadingNumLayers = list.add(
      "cpu_offloading_num_layers", default: 0, in: Bounds(lower: -1_048_576, upper: 1_048_576), "Of how many layers.")
    cudaGraphImplementation = list.add(
      "cuda_graph_impl", default: "none",
      "`none`, `local` or `transformer_engine`; since 0.5.1 also `full_iteration`.")
    useTERNGTracker = list.add("use_te_rng_tracker", default: false, "Needed by CUDA graphs.")
    fineGrainedActivationOffloading = list.add(
      "fine_grained_activation_offloading", default: false, "Moves chosen activations to host memory.")
    fp16 = list.add("fp16", default: false, "`mixed_precision` has the last word.")
    bf16 = list.add("bf16", default: false, "`mixed_precision` has the last word.")
    declarations = list.declarations
  }
}
