// Written by `moonlight-dev generate` from the doc comments of the rules. Do not edit.

let ruleReferenceTable: [(code: String, title: String, text: String)] = [
  (
    "GPU-01", #"the GPUs hold a whole number of model replicas"#,
    #"""
    ## What
    `num_nodes * gpus_per_node` must be a multiple of `tensor_model_parallel_size * pipeline_model_parallel_size *
    context_parallel_size`. What is left over is the data-parallel size.

    ## Why
    One replica of the dense layers takes TP x PP x CP GPUs, and every GPU belongs to exactly one replica.

    ## Example
    ```yaml
    cluster: {num_nodes: 2, gpus_per_node: 8}
    parallelism: {tensor_model_parallel_size: 3}   # 16 / 3 is no whole number
    ```

    ## Fix
    Change the number of nodes, or choose sizes whose product divides the GPUs.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `get_data_parallel_size`; megatron-core 0.16.1
      `parallel_state.py`.
    - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
    - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
    """#
  ),
  (
    "GPU-02", #"the GPUs hold a whole number of expert replicas"#,
    #"""
    ## What
    `num_nodes * gpus_per_node` must be a multiple of `expert_tensor_parallel_size * expert_model_parallel_size *
    pipeline_model_parallel_size`, with one expert as well. Where `expert_tensor_parallel_size` is null it is
    `tensor_model_parallel_size`.

    ## Why
    Experts are laid over the GPUs independently of the dense layers: neither TP nor CP appears. Megatron-Bridge does
    not check this before it makes its process groups.

    ## Example
    ```yaml
    cluster: {num_nodes: 3, gpus_per_node: 4}
    parallelism: {tensor_model_parallel_size: 2, expert_model_parallel_size: 8, expert_tensor_parallel_size: 1}
    ```

    ## Fix
    Change the number of nodes, or the expert sizes.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "GPU-03", #"an unset expert tensor size follows the tensor size"#,
    #"""
    ## What
    Where `expert_tensor_parallel_size` is null, Megatron takes `tensor_model_parallel_size` for it. The note says what
    that means for the routed experts and for the number of GPUs.

    ## Why
    The experts are then cut as the dense layers are, and their groups take ETP x EP x PP GPUs: TP times as many as with
    `expert_tensor_parallel_size: 1`, which is what fine-grained experts want.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 2, expert_model_parallel_size: 8}   # needs 16 GPUs a pipeline stage
    ```

    ## Fix
    Write the size: 1 to keep experts whole.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `model_parallel_config.py`, `__post_init__`; `parallel_state.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "GPU-05", #"ranks ordered with data parallelism last need equal numbers of replicas"#,
    #"""
    ## What
    With `dist.use_tp_pp_dp_mapping` and a pipeline, the data-parallel size of the dense layers must equal that of the
    routed experts, so TP x CP must equal ETP x EP.

    ## Why
    Dense and expert layers of a stage must sit on the same GPUs. With the pipeline as the slowest axis they always do;
    with data as the slowest they do only where both kinds have as many replicas.

    ## Example
    ```yaml
    dist: {use_tp_pp_dp_mapping: true}
    parallelism: {tensor_model_parallel_size: 2, pipeline_model_parallel_size: 4, expert_model_parallel_size: 8,
      expert_tensor_parallel_size: 1}   # 32 GPUs: 4 dense replicas, 1 of the experts
    ```

    ## Fix
    Leave `use_tp_pp_dp_mapping` off, or make TP x CP = ETP x EP.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "GPU-07", #"optimizer instances divide the replicas"#,
    #"""
    ## What
    `ddp.num_distributed_optimizer_instances` must divide both the data-parallel size times CP and the
    expert-data-parallel size. More than one instance needs `use_distributed_optimizer`.

    ## Why
    Every instance holds the whole optimizer, spread over an equal share of the replicas.

    ## Example
    ```yaml
    ddp: {num_distributed_optimizer_instances: 3}   # 8 replicas / 3
    ```

    ## Fix
    Take a number that divides both.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`; `distributed_data_parallel.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "GPU-08", #"the levels of context parallelism multiply to its size"#,
    #"""
    ## What
    The product of `hierarchical_context_parallel_sizes`, where it is given, must be `context_parallel_size`. The
    communication `a2a+p2p` needs it; without it the layers get no context-parallel group, which is a warning.

    ## Why
    Each level is a group of its own within the context-parallel group.

    ## Example
    ```yaml
    parallelism: {context_parallel_size: 4, hierarchical_context_parallel_sizes: [2, 4]}   # 8, not 4
    ```

    ## Fix
    Change one of the two.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "GPU-10", #"the group that reduces in the network"#,
    #"""
    ## What
    `dist.sharp_enabled_group` is `dp` or `dp_replica`, is set only with `dist.use_sharp`, and is `dp_replica` only with
    more than one distributed optimizer instance. From 0.6.2 on, `use_sharp` works for `dp_replica` alone.

    ## Why
    Only the first group that is made can use NCCL's CollNet, so Megatron must know which one that is to be.

    ## Example
    ```yaml
    dist: {sharp_enabled_group: dp}   # without use_sharp: true
    ```

    ## Fix
    Turn `use_sharp` on, or remove the group.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2 `parallel_state.py`, `initialize_model_parallel`: it asks for `dp` before the groups that
      it is one of are made.
    """#
  ),
  (
    "GPU-11", #"without gloo groups the distributed optimizer saves as torch_dist"#,
    #"""
    ## What
    With `dist.use_gloo_process_groups: false` and the distributed optimizer, `checkpoint.ckpt_format` must be
    `torch_dist`.

    ## Why
    Other formats gather the optimizer in host memory over gloo. Megatron-Bridge's own assertion has no message.

    ## Example
    ```yaml
    dist: {use_gloo_process_groups: false}
    checkpoint: {ckpt_format: fsdp_dtensor}
    ```

    ## Fix
    Use `torch_dist`, or keep the gloo groups.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
    """#
  ),
  (
    "GPU-12", #"decentralized process groups exclude gloo"#,
    #"""
    ## What
    `dist.use_decentralized_pg` needs `dist.use_gloo_process_groups: false`.

    ## Why
    Groups that are passed explicitly exist for NCCL only.

    ## Example
    ```yaml
    dist: {use_decentralized_pg: true}   # use_gloo_process_groups is true by default
    ```

    ## Fix
    Turn the gloo groups off.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "GPU-15", #"process groups are made at once"#,
    #"""
    ## What
    `dist.lazy_init`, called `lazy_mpu_init` since 0.5.1, stays off.

    ## Why
    It leaves the process groups to the caller, and Megatron-Bridge's own loop asks for them right after.

    ## Example
    ```yaml
    dist: {lazy_init: true}
    ```

    ## Fix
    Switch it off.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/initialize.py`, `torch_dist_init`; `training/setup.py`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "GPU-16", #"weights are cut into a multiple of the tensor-parallel size"#,
    #"""
    ## What
    `tensor_parallel_num_weight_shards` is a multiple of `tensor_model_parallel_size`, and
    `expert_tensor_parallel_num_weight_shards` one of the experts' tensor-parallel size.

    ## Why
    Each rank's piece of a weight is cut on, and put together again where it is used.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 2}
    model: {tensor_parallel_num_weight_shards: 3}
    ```

    ## Fix
    Remove it, or take a multiple.

    ## Source
    - 0.6.2: megatron-core 0.19.2 `model_parallel_config.py`, `resolve_tensor_parallel_weight_shards`.
    """#
  ),
  (
    "GPU-13", #"a tensor-parallel group leaves NVLink"#,
    #"""
    ## What
    The GPUs of a tensor-parallel group are neighbours in rank order. Where the GPUs that NVLink joins are
    no multiple of `tensor_model_parallel_size`, some groups span two nodes. These are the GPUs of a node, or
    `nvlink_domain_gpus` where that is written. Megatron accepts that.

    ## Why
    Tensor parallelism communicates twice in every layer, forward and backward, and nothing hides it. Between nodes that
    is many times slower than within one.

    ## Example
    ```yaml
    cluster: {num_nodes: 2, gpus_per_node: 8}
    parallelism: {tensor_model_parallel_size: 16}
    ```

    ## Fix
    Take a size that divides `gpus_per_node`; spread the rest over PP, EP or data parallelism.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `RankGenerator` (order tp-cp-ep-dp-pp); it does not look at
      nodes.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "GPU-14", #"an expert-parallel group leaves NVLink"#,
    #"""
    ## What
    The GPUs of one set of experts are ETP x EP neighbours in rank order. Where that does not divide the GPUs that
    NVLink joins, the all-to-all of every MoE layer goes over the network. These are the GPUs of a node, or
    `nvlink_domain_gpus` where that is written: 72 in a rack of GB200 NVL72. Megatron accepts that. The `flex` dispatcher,
    whose kernels are made for it, is not warned about.

    ## Why
    Every token travels to its experts and back in every MoE layer, forward and backward.

    ## Example
    ```yaml
    cluster: {num_nodes: 2, gpus_per_node: 8}
    parallelism: {expert_model_parallel_size: 16}
    ```

    ## Fix
    Take an EP that fits into a node, write `nvlink_domain_gpus` where NVLink joins several, or take the `flex` dispatcher.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `RankGenerator` (expert order etp-ep-edp-pp); it does not look at
      nodes.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-01", #"attention heads divide by the tensor size"#,
    #"""
    ## What
    `num_attention_heads` must be a multiple of `tensor_model_parallel_size`.

    ## Why
    Each tensor-parallel GPU computes an equal share of whole heads.

    ## Example
    ```yaml
    model: {num_attention_heads: 20}
    parallelism: {tensor_model_parallel_size: 8}   # 2.5 heads a GPU
    ```

    ## Fix
    Take a TP that divides the heads.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-02", #"query groups fit the tensor size and the heads"#,
    #"""
    ## What
    `num_query_groups` must be a multiple or a divisor of `tensor_model_parallel_size`, and divide
    `num_attention_heads`. Null takes the number of heads. Megatron checks it for multi-latent attention, too, which
    does not use it.

    ## Why
    Each tensor-parallel GPU holds whole groups, or one group is repeated on several; each group serves as many heads.

    ## Example
    ```yaml
    model: {num_query_groups: 3}
    parallelism: {tensor_model_parallel_size: 2}
    ```

    ## Fix
    For multi-latent attention write null, or the number of heads.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; `attention.py`; Transformer Engine 2.11
      `DotProductAttention`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-03", #"the width of a head is rounded down"#,
    #"""
    ## What
    Without `kv_channels` Megatron takes `hidden_size // num_attention_heads`, rounded down. Multi-latent attention has
    widths of its own and is not affected.

    ## Why
    The heads together are then narrower than the residual stream, which is rarely meant. Megatron-LM refuses it,
    Megatron-Bridge does not look.

    ## Example
    ```yaml
    model: {hidden_size: 2050, num_attention_heads: 16, multi_latent_attention: false}   # 128, not 128.1
    ```

    ## Fix
    Write `kv_channels`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-04", #"the width of dense layers divides by the tensor size"#,
    #"""
    ## What
    Where the model has a dense layer, `ffn_hidden_size` (null: `4 * hidden_size`) must be a multiple of
    `tensor_model_parallel_size`.

    ## Why
    The MLP's matrices are cut into equal columns and rows.

    ## Example
    ```yaml
    model: {ffn_hidden_size: 11265}
    parallelism: {tensor_model_parallel_size: 2}
    ```

    ## Fix
    Take a TP that divides the width, or another width.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `tensor_parallel/layers.py`; Transformer Engine's linear layers.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-05", #"the width of routed experts divides by the expert tensor size"#,
    #"""
    ## What
    `moe_ffn_hidden_size` (null: that of dense layers) must be a multiple of `expert_tensor_parallel_size`, which is TP
    where it is null.

    ## Why
    Each expert's matrices are cut into ETP equal parts; TP itself does not matter.

    ## Example
    ```yaml
    model: {moe_ffn_hidden_size: 1409}
    parallelism: {expert_tensor_parallel_size: 2}
    ```

    ## Fix
    Keep experts whole with `expert_tensor_parallel_size: 1`, or take another width.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `extensions/transformer_engine.py`, `TEGroupedLinear`.
    """#
  ),
  (
    "DIM-06", #"the width of the shared experts divides by the tensor size"#,
    #"""
    ## What
    `moe_shared_expert_intermediate_size` is the width of all shared experts together. It must be above 0 (null for
    none) and a multiple of `tensor_model_parallel_size`; the expert tensor size does not matter.

    ## Why
    Shared experts are one dense MLP beside the routed ones, and cut like one.

    ## Example
    ```yaml
    model: {moe_shared_expert_intermediate_size: 0}   # null means none
    ```

    ## Fix
    Write the number of shared experts times the width of one, or null.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; `moe/shared_experts.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-08", #"fp16 or bf16, not both"#,
    #"""
    ## What
    At most one of `fp16` and `bf16` may be true. `mixed_precision` has the last word; without it `model` and
    `optimizer` each speak for themselves.

    ## Why
    Weights and activations have one format.

    ## Example
    ```yaml
    mixed_precision: {bf16: true, fp16: true}
    ```

    ## Fix
    Turn one of them off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1 `training/config.py`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "DIM-10", #"query-key layer scaling is switched in two places"#,
    #"""
    ## What
    `apply_query_key_layer_scaling` must agree with the environment variable `NVTE_APPLY_QK_LAYER_SCALING` (1 or 0; not
    set is 0). Only layers of Transformer Engine look at it.

    ## Why
    Transformer Engine takes the setting from the environment alone, and Megatron checks that both say the same.

    ## Example
    ```yaml
    model: {apply_query_key_layer_scaling: true}   # without env_vars: {NVTE_APPLY_QK_LAYER_SCALING: "1"}
    ```

    ## Fix
    Set the variable in `env_vars`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `extensions/transformer_engine.py`, `TEDotProductAttention`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-11", #"multi-latent attention with query groups"#,
    #"""
    ## What
    With multi-latent attention `num_query_groups` should be null or the number of heads.

    ## Why
    MLA gives every head a key and a value of its own. Megatron still hands `num_query_groups` to Transformer Engine,
    whose attention refuses, in the first step, keys of another number of heads. A warning, since that is read in
    Transformer Engine's source and could not be run without a GPU.

    ## Example
    ```yaml
    model: {multi_latent_attention: true, num_attention_heads: 16, num_query_groups: 8}
    ```

    ## Fix
    Write null.

    ## Source
    - 0.3.1: Transformer Engine 2.11 `dot_product_attention.py`, `forward` ("Keys and values must have num_gqa_group
      …"); megatron-core 0.16.1 `multi_latent_attention.py`.
    """#
  ),
  (
    "DIM-12", #"bias_activation_fusion has kernels for a few activations"#,
    #"""
    ## What
    With `bias_activation_fusion`, `activation_func` must be `silu` or `gelu`; `gelu` without a gate needs biases,
    `silu` a gate. Routed experts take the gated `silu` (SwiGLU) alone, and without `moe_grouped_gemm` no biases. It
    excludes `use_te_activation_func`, which is for `gelu`, `silu` and `relu`, and a `glu_linear_offset` other than 0.

    ## Why
    Megatron has fused kernels for these combinations and no others. Some are refused at start-up, the rest in the first
    step.

    ## Example
    ```yaml
    model: {activation_func: squared_relu, bias_activation_fusion: true}
    ```

    ## Fix
    Turn the fusion off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; `mlp.py` and `moe/experts.py`, `forward`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-13", #"inference-optimized layers take RMSNorm and no biases"#,
    #"""
    ## What
    `transformer_impl: inference_optimized` needs `normalization: RMSNorm` and neither `add_bias_linear` nor
    `add_qkv_bias`. With routed experts it needs since 0.5.1 also ETP 1, no `moe_expert_capacity_factor`, no
    `moe_router_padding_for_quantization`, `moe_router_dtype: fp32` and activations without a gate, which Moonlight has.

    ## Why
    These layers exist for that shape alone; for training `transformer_engine` is the one to take.

    ## Example
    ```yaml
    model: {transformer_impl: inference_optimized, normalization: LayerNorm}
    ```

    ## Fix
    Write `transformer_engine`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-14", #"switches of other models and of inference stay off"#,
    #"""
    ## What
    Fields of Megatron's that no recipe here needs, and that refuse the start where they do not fit:
    `use_kitchen`, `heterogeneous_block_specs` and, with routed experts, in 0.3.1 `is_hybrid_model` (other models),
    `hybrid_context_parallel` without a pipeline or (from 0.5.1 on) with an odd DP x CP,
    `inference_fuse_tp_communication` and `inference_disable_triton_nvls_kernels` without
    `transformer_impl: inference_optimized`, `batch_invariant_mode` without `attention_backend: flash`, and in 0.6.2 without
    `flash_attention_version` 3 or 4, or with context parallelism or attention dropout,
    `restore_modelopt_state` with `gradient_accumulation_fusion`, `activation_func_fp8_input_store` without SwiGLU,
    `experimental_attention_variant` without what it needs, in 0.6.2 at all, `no_rope_freq` that does not fit the layers, a negative
    `moe_latent_size` or `embedding_init_method_std`.

    ## Why
    Megatron checks each of them when it builds the model's configuration or the model.

    ## Example
    ```yaml
    model: {batch_invariant_mode: true, attention_backend: auto}
    ```

    ## Fix
    Remove the field, or set what it needs.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer/transformer_config.py`, `__post_init__`;
      `transformer/multi_latent_attention.py`; megatron-bridge 0.3.1 `training/config.py`,
      `training/utils/train_utils.py`, `training_log`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same; `models/gpt/gpt_layer_specs.py`, `get_gpt_decoder_layer_specs`.
    """#
  ),
  (
    "DIM-15", #"muP has a base width"#,
    #"""
    ## What
    With `use_mup`, `mup_base_hidden_size` is above 0 or null, which means `hidden_size`.

    ## Why
    Learning rates and initial weights are scaled by `hidden_size / mup_base_hidden_size`.

    ## Example
    ```yaml
    model: {use_mup: true, mup_base_hidden_size: 0}
    ```

    ## Fix
    The width of the model that the rates were found with.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-16", #"the norm that is fused with the residual is RMSNorm"#,
    #"""
    ## What
    `fused_residual_rmsnorm` needs `normalization: RMSNorm`.

    ## Why
    The kernel is written for it.

    ## Example
    ```yaml
    model: {fused_residual_rmsnorm: true, normalization: LayerNorm}
    ```

    ## Fix
    Turn it off.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DIM-17", #"the version of FlashAttention is 2, 3 or 4"#,
    #"""
    ## What
    `flash_attention_version` is null, 2, 3 or 4.

    ## Why
    These are the ones that Transformer Engine can be told to take.

    ## Example
    ```yaml
    model: {flash_attention_version: 1}
    ```

    ## Fix
    Remove it: what is installed is taken.

    ## Source
    - 0.6.2: megatron-core 0.19.2 `transformer/transformer_config.py`, `__post_init__`.
    """#
  ),
  (
    "MLA-03", #"multi-latent attention needs Transformer Engine's layers"#,
    #"""
    ## What
    With `multi_latent_attention`, `transformer_impl` cannot be `local`.

    ## Why
    Megatron-Core's own attention does not take keys and values of different widths: building it ends in a TypeError.

    ## Example
    ```yaml
    model: {multi_latent_attention: true, transformer_impl: local}
    ```

    ## Fix
    Write `transformer_engine`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `multi_latent_attention.py`, `dot_product_attention.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MLA-04", #"multi-latent attention rotates by itself"#,
    #"""
    ## What
    With `multi_latent_attention`, `rotary_interleaved` must be false.

    ## Why
    DeepSeek's rotation of neighbouring pairs is built into Megatron's MLA; the switch is for other attention.

    ## Example
    ```yaml
    model: {multi_latent_attention: true, rotary_interleaved: true}
    ```

    ## Fix
    Write false; the pairs are rotated all the same.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MLA-05", #"fused rotation of multi-latent attention is YaRN's"#,
    #"""
    ## What
    With `multi_latent_attention`, `apply_rope_fusion` needs `rope_type: yarn`.

    ## Why
    The fused kernel takes YaRN's tables. YaRN with `rotary_scaling_factor: 1` is the plain rotation.

    ## Example
    ```yaml
    model: {apply_rope_fusion: true, rope_type: rope}
    ```

    ## Fix
    Write `rope_type: yarn` with `rotary_scaling_factor: 1`, or turn the fusion off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `MLATransformerConfig.__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MLA-07", #"fused rotation is switched off without rotary positions"#,
    #"""
    ## What
    Megatron-Bridge sets `apply_rope_fusion` to false where `position_embedding_type` is not `rope`.

    ## Why
    The setting then has no effect, and nothing but a line in the log says so.

    ## Example
    ```yaml
    model: {apply_rope_fusion: true, position_embedding_type: learned_absolute}
    ```

    ## Fix
    Write `position_embedding_type: rope`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `utils/fusions.py`, `validate_rope_fusion_compatibility`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "MLA-09", #"what multi-latent attention does not support"#,
    #"""
    ## What
    With `multi_latent_attention`, neither `attention_output_gate` nor `cache_mla_latents` can be used in training.
    `qk_l2_norm` is ignored.

    ## Why
    The gate is not written for MLA; cached latents are for inference and refuse the first training step.

    ## Example
    ```yaml
    model: {multi_latent_attention: true, cache_mla_latents: true}
    ```

    ## Fix
    Turn them off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `MLATransformerConfig.__post_init__`;
      `multi_latent_attention.py`, `forward`; `gpt_layer_specs.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MLA-10", #"the norms of the latents are dropped"#,
    #"""
    ## What
    With multi-latent attention and `qk_layernorm: false`, Megatron builds no norm for the key-value latent (nor for the
    query latent).

    ## Why
    Every released model of the family has them. Without them a checkpoint's `kv_a_layernorm` finds no place, and a
    checkpoint made here lacks it.

    ## Example
    ```yaml
    model: {multi_latent_attention: true, qk_layernorm: false}
    ```

    ## Fix
    Turn it on.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `gpt_layer_specs.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MLA-11", #"multi-latent attention takes rotary positions"#,
    #"""
    ## What
    With `multi_latent_attention`, `position_embedding_type` cannot be `yarn`, and `learned_absolute` adds a table of
    positions on top of the rotation. YaRN is chosen with `rope_type`.

    ## Why
    MLA rotates queries and keys by itself, by `rope_type`. `position_embedding_type: yarn` makes Megatron look for
    settings that an MLA model has not, and building it ends in an AttributeError.

    ## Example
    ```yaml
    model: {multi_latent_attention: true, position_embedding_type: yarn}
    ```

    ## Fix
    Write `position_embedding_type: rope` and `rope_type: yarn`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `models/gpt/gpt_model.py`, `__init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MLA-12", #"the rotated part of a head is even"#,
    #"""
    ## What
    With `multi_latent_attention`, `qk_pos_emb_head_dim` must be even.

    ## Why
    Positions rotate pairs of numbers. An odd width makes tables of another length, and the first step fails.

    ## Example
    ```yaml
    model: {qk_pos_emb_head_dim: 63}
    ```

    ## Fix
    Take an even width.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `models/common/embeddings/yarn_rotary_pos_embedding.py`, `rotary_pos_embedding.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MLA-13", #"YaRN's base is not 1"#,
    #"""
    ## What
    With `multi_latent_attention` and `rope_type: yarn`, `rotary_base` must differ from 1.

    ## Why
    YaRN finds the frequencies to stretch by dividing by the base's logarithm, which is 0. The model cannot be built.

    ## Example
    ```yaml
    model: {rotary_base: 1.0}
    ```

    ## Fix
    Take the base that the model was trained with: 50000 for Moonlight.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `models/common/embeddings/yarn_rotary_pos_embedding.py` `_yarn_find_correction_dim`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MLA-14", #"some attention backend can run"#,
    #"""
    ## What
    `attention_backend` other than `auto` switches Transformer Engine's other backends off. What is left must be able to run:
    before Transformer Engine 2.17 FlashAttention 2 does not take values of another width than the keys (MLA), and none takes
    softmax other than the plain one; neither it nor the fused backend computes in fp32; the unfused one has no context
    parallelism; neither it nor FlashAttention trains in fp8 (`fp8_dot_product_attention`), or takes packed examples with padding between them
    (`pad_seq_to_mult` above 1, from Transformer Engine 2.17 on); FlashAttention does not give the largest logit, which `qk_clip` and
    `log_max_attention_logit` ask for; and `local` leaves none to Transformer Engine's layers.

    Some settings leave none whatever is chosen: the largest logit of attention in fp8; `softmax_type` other than `vanilla` under
    context parallelism, but by `cp_comm_type: a2a`; fp8 attention with current scaling (`fp8_recipe: tensorwise`) before
    Blackwell, and, until Transformer Engine 2.14, of MLA's unequal widths under context parallelism.

    ## Why
    The first step ends with "No dot product attention backend is available for the provided inputs". FlashAttention 3,
    where it is installed on a Hopper GPU, takes MLA's widths.

    ## Example
    ```yaml
    model: {multi_latent_attention: true, attention_backend: flash}
    ```

    ## Fix
    `attention_backend: auto`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `models/common/language_module/language_module.py`, `_set_attention_backend`; Transformer
      Engine 2.11 `pytorch/attention/dot_product_attention/utils.py`, `get_attention_backend`.
    - 0.5.1: megatron-core 0.18.2, the same; Transformer Engine 2.14.
    - 0.6.2: megatron-core 0.19.2, the same; Transformer Engine 2.17.
    """#
  ),
  (
    "MLA-15", #"attention gets YaRN's temperature, whatever `rope_type` is"#,
    #"""
    ## What
    Multi-latent attention multiplies its scores by (0.1 `mscale_all_dim` ln `rotary_scaling_factor` + 1)², also with
    `rope_type: rope`, which stretches nothing. With `yarn` the rotated parts of queries and keys are multiplied besides by
    (0.1 `mscale` ln f + 1) / (0.1 `mscale_all_dim` ln f + 1), which is 1 where the two are equal.

    ## Why
    `rotary_scaling_factor` is 40 unless written. With plain rotation and `mscale_all_dim: 1` the scores are 1.87 times
    what they should be. A `mscale` other than `mscale_all_dim` scales the rotated part twice, once for each of the two.

    ## Example
    ```yaml
    model: {multi_latent_attention: true, rope_type: rope, mscale_all_dim: 1}   # rotary_scaling_factor 40
    ```

    ## Fix
    `rotary_scaling_factor: 1` with `rope`; `mscale` equal to `mscale_all_dim` with `yarn`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer/multi_latent_attention.py`, `softmax_scale`;
      `models/common/embeddings/yarn_rotary_pos_embedding.py`, `_yarn_get_mscale`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MLA-19", #"QK clipping reaches the weights"#,
    #"""
    ## What
    `qk_clip` scales the projections of queries and keys down after a step in which a logit exceeded `qk_clip_threshold`, as MuonClip
    does. It needs each weight's whole fp32 copy, which the distributed optimizer does not keep, a model in half precision,
    and weights that are trained. `log_max_attention_logit` alone is read by nothing in Megatron-Bridge.

    ## Why
    Nothing looks at it before: the first step in which a logit exceeds the threshold, often thousands of steps into the run, ends with an
    `AttributeError` or a `RuntimeError`, and in fp32 the very first step does. With adapters the base itself is scaled, which their
    checkpoint does not hold. Before 0.6.2 a largest logit that nobody takes keeps the activations of every batch
    that it was computed from, until the memory is full.

    ## Example
    ```yaml
    model: {qk_clip: true}
    optimizer: {optimizer: adam, use_distributed_optimizer: true}
    ```

    ## Fix
    Muon without the distributed optimizer, in bf16; its layers may be divided over the replicas.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/qk_clip.py`; `transformer/multi_latent_attention.py`, `clip_qk`;
      `optimizer/distrib_optimizer.py` (`main_param` is a part of the weight, or null); `extensions/transformer_engine.py`;
      megatron-bridge 0.3.1 `training/train.py`, `train_step`.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same; the largest logit is detached.
    """#
  ),
  (
    "MLA-17", #"a second norm in front of the queries"#,
    #"""
    ## What
    With `qk_layernorm` and without `q_lora_rank`, megatron-core 0.19 builds the query projection of multi-latent attention
    with a norm of its own, behind that of the layer: `hidden_size` weights a layer that no released model has. No setting
    avoids it.

    ## Why
    Moonlight and DeepSeek-V2-Lite are such models. Importing their Hugging Face weights fails, since nothing maps to these
    norms, and pretraining makes a checkpoint that no other program loads as a DeepSeek model. The programs of an exported
    launch build the projection without the norm, so for a launch config this is a note.

    ## Example
    ```yaml
    software: {megatron_bridge: 0.6.2}
    model: {multi_latent_attention: true, qk_layernorm: true, q_lora_rank: null}
    ```

    ## Fix
    Run it by the programs of `moonlight export --to torchrun` (or another launcher), or use an older release.

    ## Source
    - 0.6.2: megatron-core 0.19.2 `transformer/mla_qk_norm_config.py`, `_resolve_mla_qk_layernorm`; 0.19.0 and 0.19.1 have
      the same, 0.18.2 does not have the file.
    """#
  ),
  (
    "MLA-16", #"multi-latent attention has its own rotation"#,
    #"""
    ## What
    Multi-latent attention makes its rotation from `rope_type`, `rotary_base`, `rotary_scaling_factor`,
    `original_max_position_embeddings`, `beta_fast`, `beta_slow`, `mscale` and `mscale_all_dim`, in every layer. The settings
    of other attention do nothing: `rope_scaling`, `rope_scaling_factor`, `seq_len_interpolation_factor`, `yarn_*`,
    `no_rope_freq`, `softmax_scale`, `position_embedding_type: none`. And `rotary_percent` with `rope` is a share of
    `qk_pos_emb_head_dim`, the part that is rotated already, with `yarn` nothing.

    ## Why
    The model is rotated otherwise than written: a context that was to be stretched is not, or layers that were to have no
    positions have them.

    ## Example
    ```yaml
    model: {multi_latent_attention: true, rope_scaling: true, rope_scaling_factor: 8}
    ```

    ## Fix
    `rope_type: yarn` with `rotary_scaling_factor` and `original_max_position_embeddings`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer/multi_latent_attention.py`, `__init__`; `models/gpt/gpt_model.py` (builds no
      rotation of its own for it).
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same; `transformer/attention.py` alone reads `no_rope_freq` and `softmax_scale`.
    """#
  ),
  (
    "MLA-20", #"YaRN stretches far enough, and at the right end"#,
    #"""
    ## What
    With `rope_type: yarn` and a `rotary_scaling_factor` above 1 the positions that the model knows,
    `original_max_position_embeddings`, are stretched to so many times as many, which should be at least `seq_length`. `beta_fast` is above
    `beta_slow`: what turns more than `beta_fast` times within them is left as it is, what turns less than `beta_slow` times is stretched.

    ## Why
    Nothing looks at either. Past the stretched positions there are angles that the model was never trained on, which is what YaRN is to
    prevent. With the two betas exchanged the fast frequencies are stretched and the slow ones are not, so that neighbours can no longer be told
    apart.

    ## Example
    ```yaml
    model: {seq_length: 131072, rope_type: yarn, rotary_scaling_factor: 8, original_max_position_embeddings: 8192}
    ```

    ## Fix
    `rotary_scaling_factor: 16`.

    ## Source
    arXiv 2309.00071, section 3.2.
    - 0.3.1: megatron-core 0.16.1 `models/common/embeddings/yarn_rotary_pos_embedding.py`, `_yarn_find_correction_range`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MLA-18", #"the fused down-projection has a query rank, and divides by TP"#,
    #"""
    ## What
    With multi-latent attention `mla_down_proj_fusion` needs `q_lora_rank`, which Moonlight does not have, and with TP above 1
    `q_lora_rank` and `kv_lora_rank + qk_pos_emb_head_dim` must be multiples of it.

    ## Why
    One matrix gives the latent queries, keys and values, and is split by rows. Without latent queries Megatron-Core ends with
    an assertion whose text promises a fallback.

    ## Example
    ```yaml
    model: {mla_down_proj_fusion: true, q_lora_rank: null}
    ```

    ## Fix
    Remove it.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `transformer/multi_latent_attention.py`, `FusedMLASelfAttention`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "VOCAB-01", #"the model has a row for every token"#,
    #"""
    ## What
    `model.vocab_size`, where it is written, must be at least the tokenizer's number of entries. With
    `tokenizer.use_tokenizer_vocab_size` (0.6.2) it is passed over, and the model has as many rows as the tokenizer entries.

    ## Why
    A token without a row of the embedding cannot be looked up. Rows without a token do no harm.

    ## Example
    ```yaml
    model: {vocab_size: 163840}
    tokenizer: {tokenizer_type: NullTokenizer, vocab_size: 163842}
    ```

    ## Fix
    Write the tokenizer's size, rounded up to a multiple of TP, or null to have it padded.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/setup.py`, `_validate_and_set_vocab_size`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "VOCAB-02", #"the vocabulary is padded"#,
    #"""
    ## What
    Without `model.vocab_size` Megatron-Bridge takes the tokenizer's number of entries, rounded up to a multiple of
    `make_vocab_size_divisible_by` times TP.

    ## Why
    The embedding and the head then have rows that no token uses, and their number changes with TP: checkpoints of
    another TP have other shapes.

    ## Example
    ```yaml
    model: {vocab_size: null, make_vocab_size_divisible_by: 1280}
    tokenizer: {vocab_size: 163842}   # 165120 rows with TP 1, 168960 with TP 4
    ```

    ## Fix
    Write `vocab_size` to fix the number of rows.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `utils/vocab_utils.py`, `calculate_padded_vocab_size`.
    - 0.5.1: megatron-bridge 0.5.1, the same, which is `training/vocab_utils.py` of Megatron-LM.
    - 0.6.2: megatron-bridge 0.6.2, the same, which is `training/vocab_utils.py` of Megatron-LM.
    """#
  ),
  (
    "VOCAB-03", #"the vocabulary divides by the tensor size"#,
    #"""
    ## What
    `model.vocab_size`, where it is written, must be a multiple of `tensor_model_parallel_size`: it is not padded. With
    `tokenizer.use_tokenizer_vocab_size` (0.6.2) it is passed over.

    ## Why
    Embedding and head are cut into equal numbers of rows. `make_vocab_size_divisible_by` has no effect on a vocabulary
    that is written, so 163842 is refused with TP 4.

    ## Example
    ```yaml
    model: {vocab_size: 163842}
    parallelism: {tensor_model_parallel_size: 4}
    ```

    ## Fix
    Round it up to a multiple of TP.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `tensor_parallel/layers.py`, `VocabParallelEmbedding`; megatron-bridge 0.3.1
      `training/setup.py`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same; `_validate_and_set_vocab_size`.
    """#
  ),
  (
    "VOCAB-04", #"Moonlight's tokenizer has two entries more than the model has rows"#,
    #"""
    ## What
    The tokenizer of Moonlight-16B-A3B reports 163842 entries, the released checkpoint has 163840 rows. With the Hugging
    Face tokenizer and `vocab_size: 163840` every release of Megatron-Bridge is expected to refuse the start.

    ## Why
    163584 base tokens and 258 special ones make 163842. Megatron-Bridge's own finetuning recipes use 163842 for that
    reason, 0.6.2 with TP 4 163844. The released weights fit such a model: Megatron's loader takes an embedding and a head
    of other rows, and the two more than the checkpoint has, which no text uses, begin with zeros. A warning, since the
    tokenizer's count comes from its published code and was not run here.

    ## Example
    ```yaml
    model: {vocab_size: 163840}
    tokenizer: {tokenizer_type: HuggingFaceTokenizer, tokenizer_model: moonshotai/Moonlight-16B-A3B}
    ```

    ## Fix
    Write 163842, rounded up to a multiple of TP.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `recipes/moonlight/moonlight_16b.py`; `training/setup.py`,
      `_validate_and_set_vocab_size`; megatron-core 0.16.1 `tensor_parallel/layers.py`, `VocabParallelEmbedding`, and
      `models/common/language_module/language_module.py`, `sharded_state_dict` (`allow_shape_mismatch`).
    - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
    - 0.6.2: megatron-bridge 0.6.2 `recipes/moonlight/h100/moonlight_16b.py`, and megatron-core 0.19.2, the same.
    """#
  ),
  (
    "VOCAB-05", #"should_pad_vocab is overwritten"#,
    #"""
    ## What
    Megatron-Bridge pads a vocabulary that comes from the tokenizer, and never one that is written, whatever
    `should_pad_vocab` says.

    ## Why
    The setting has no effect in training.

    ## Example
    ```yaml
    model: {vocab_size: 163842, should_pad_vocab: true}   # stays 163842
    ```

    ## Fix
    Write `vocab_size: null` to have it padded, or the padded number.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/setup.py`, `_validate_and_set_vocab_size`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "SEQ-01", #"sequence parallelism needs tensor parallelism"#,
    #"""
    ## What
    `sequence_parallel` needs `tensor_model_parallel_size` above 1.

    ## Why
    It spreads norms and dropout over the GPUs of the tensor-parallel group. Megatron-LM's command line turns it off
    without a word; Megatron-Bridge refuses it.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 1, sequence_parallel: true}
    ```

    ## Fix
    Turn it off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `model_parallel_config.py`, `__post_init__`.
    """#
  ),
  (
    "SEQ-05", #"sequence parallelism without tensor parallelism is switched off"#,
    #"""
    ## What
    `sequence_parallel` with `tensor_model_parallel_size: 1` is switched off when the run starts.

    ## Why
    It spreads norms and dropout over the GPUs of the tensor-parallel group, and there is one. The run is the same.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 1, sequence_parallel: true}
    ```

    ## Fix
    Turn it off.

    ## Source
    - 0.5.1: megatron-bridge 0.5.1, `models/transformer_config.py`, `finalize`.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "SEQ-02", #"experts with tensor parallelism need sequence parallelism"#,
    #"""
    ## What
    A model with MoE layers and `tensor_model_parallel_size` above 1 must have `sequence_parallel` on, with any expert
    parallelism.

    ## Why
    Without it every GPU of the tensor-parallel group would route all tokens. Megatron warns at start-up, and refuses in
    the first forward pass of an MoE layer.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 2, sequence_parallel: false}
    ```

    ## Fix
    Turn it on.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `moe/moe_layer.py`, `MoELayer.forward`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "SEQ-03", #"the dataset's sequences are as long as the model's"#,
    #"""
    ## What
    `dataset.seq_length` must equal `model.seq_length`. Where it is not written, it is taken from there.

    ## Why
    The pipeline's buffers have the model's length, the samples the dataset's.

    ## Example
    ```yaml
    model: {seq_length: 8192}
    dataset: {seq_length: 4096}
    ```

    ## Fix
    Remove `dataset.seq_length`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "SEQ-04", #"a GPU's sequence divides by the tensor size"#,
    #"""
    ## What
    With `sequence_parallel`, `seq_length / context_parallel_size` must be a multiple of `tensor_model_parallel_size`.
    Finetuning batches (`dataloader_type: batch`) bring a length of their own, which Megatron pads.

    ## Why
    The sequence is cut into equal parts. Nothing looks at start-up; the first step asserts it.

    ## Example
    ```yaml
    model: {seq_length: 4098}
    parallelism: {tensor_model_parallel_size: 4, sequence_parallel: true}
    ```

    ## Fix
    Take a multiple of TP x CP (of 2 x CP as well, with context parallelism).

    ## Source
    - 0.3.1: megatron-core 0.16.1 `tensor_parallel/mappings.py`, `_reduce_scatter_along_first_dim`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "CP-01", #"the sequence divides by twice the context size"#,
    #"""
    ## What
    With context parallelism, `seq_length` must be a multiple of 2 x `context_parallel_size`.

    ## Why
    Each GPU takes one chunk from the front and one from the back of the sequence, so that causal attention costs all of
    them the same.

    ## Example
    ```yaml
    model: {seq_length: 4098}
    parallelism: {context_parallel_size: 2}
    ```

    ## Fix
    Take the nearest multiple.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "CP-02", #"finetuning with context parallelism averages the loss over tokens"#,
    #"""
    ## What
    With a finetuning dataset (`kind: sft`) and `context_parallel_size` above 1, `calculate_per_token_loss` must be on
    and `ddp.average_in_collective` off.

    ## Why
    A GPU whose part of the sequence has no token with a loss would divide by zero.

    ## Example
    ```yaml
    dataset: {kind: sft}
    parallelism: {context_parallel_size: 2}
    ```

    ## Fix
    Set both.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "CP-03", #"a list of context-parallel communications has one entry a layer"#,
    #"""
    ## What
    With context parallelism, `cp_comm_type` is one word for all layers, or a list with one word a layer.

    ## Why
    Every layer looks its own entry up.

    ## Example
    ```yaml
    model: {num_layers: 27}
    parallelism: {context_parallel_size: 2, cp_comm_type: [p2p, a2a]}
    ```

    ## Fix
    Write one word, or `num_layers` of them.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "CP-04", #"a per-token loss is not averaged in the collective"#,
    #"""
    ## What
    `calculate_per_token_loss` needs `ddp.average_in_collective: false`, with any context parallelism.

    ## Why
    The gradients are divided by the number of tokens, so the collective must add them up. Nothing looks at start-up but
    the wrapping of the model.

    ## Example
    ```yaml
    model: {calculate_per_token_loss: true}
    ddp: {average_in_collective: true}
    ```

    ## Fix
    Turn `average_in_collective` off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `distributed/distributed_data_parallel.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "CP-06", #"packed examples are padded for context parallelism"#,
    #"""
    ## What
    With packed sequences `pad_seq_to_mult` must be above 0; with context parallelism it should be a multiple of
    2 x `context_parallel_size`. Nothing checks the latter.

    ## Why
    Every example of a pack is cut into 2 x CP chunks. Examples of other lengths are cut wrongly, and the loss suffers
    without an error.

    ## Example
    ```yaml
    dataset: {kind: sft, packed_sequence_size: 4096, pad_seq_to_mult: 1}
    parallelism: {context_parallel_size: 2}
    ```

    ## Fix
    Write 2 x CP.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `data/datasets/packed_sequence.py`, `PackedSequenceSpecs.__post_init__`; the
      Moonlight recipe's own choice.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2 `data/packing/config.py`, `PackedSequenceSpecs`.
    """#
  ),
  (
    "CP-07", #"the kind of context-parallel communication"#,
    #"""
    ## What
    `cp_comm_type` should be `p2p`, `all_gather`, `a2a` or `a2a+p2p`, and with `a2a` each tensor-parallel GPU's heads
    should divide by `context_parallel_size`.

    ## Why
    Megatron hands the word on to Transformer Engine, which refuses others in the first step. `a2a` exchanges whole
    heads. A warning, since that is read in Transformer Engine's source and could not be run without a GPU.

    ## Example
    ```yaml
    parallelism: {context_parallel_size: 2, cp_comm_type: ring}
    ```

    ## Fix
    Write `p2p`.

    ## Source
    - 0.3.1: Transformer Engine 2.11 `attention/dot_product_attention/context_parallel.py`.
    """#
  ),
  (
    "PIPE-00", #"more stages or layers than anything that runs"#,
    #"""
    ## What
    PP x VP is at most 4096, and the model has at most 100000 layers.

    ## Why
    This program's own limit, far above any cluster: it keeps a slip of the finger from filling the memory.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 100000}
    ```

    ## Fix
    Write the size that was meant.

    ## Source
    None of Megatron's; this program's.
    """#
  ),
  (
    "PIPE-01", #"layers divide by the pipeline size"#,
    #"""
    ## What
    Without a layout, uneven ends or counted embedding and loss, `num_layers` must be a multiple of
    `pipeline_model_parallel_size`.

    ## Why
    Megatron gives every stage the same number of layers. Nothing looks before the model is built.

    ## Example
    ```yaml
    model: {num_layers: 27}
    parallelism: {pipeline_model_parallel_size: 4}   # 6.75 layers a stage
    ```

    ## Fix
    Write a layout: `pipeline_model_parallel_layout: auto` balances it by cost.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_block.py`, `get_num_layers_to_build`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-02", #"a stage's layers divide by the virtual size"#,
    #"""
    ## What
    Without a layout, `num_layers / pipeline_model_parallel_size` must be a multiple of
    `virtual_pipeline_model_parallel_size`.

    ## Why
    Every virtual stage gets the same number of layers.

    ## Example
    ```yaml
    model: {num_layers: 28}
    parallelism: {pipeline_model_parallel_size: 2, virtual_pipeline_model_parallel_size: 3}   # 14 / 3
    ```

    ## Fix
    Take a VP that divides, or write a layout.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_block.py`, `get_num_layers_to_build`; megatron-bridge 0.3.1
      `models/gpt_provider.py`, `provide`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PIPE-03", #"virtual stages need a pipeline"#,
    #"""
    ## What
    `virtual_pipeline_model_parallel_size`, even 1, needs `pipeline_model_parallel_size` above 1.

    ## Why
    Any number turns the interleaved schedule on, which runs on a pipeline.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 1, virtual_pipeline_model_parallel_size: 2}
    ```

    ## Fix
    Write null.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-04", #"a layout excludes the other ways to split"#,
    #"""
    ## What
    `pipeline_model_parallel_layout` cannot stand beside `num_layers_in_first_pipeline_stage`,
    `num_layers_in_last_pipeline_stage` or the `account_for_…_in_pipeline_split` switches.

    ## Why
    The layout says all of it.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_layout: Et*14|t*13L, num_layers_in_first_pipeline_stage: 14}
    ```

    ## Fix
    Remove the others.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-05", #"uneven ends exclude counting embedding and loss"#,
    #"""
    ## What
    `num_layers_in_first_pipeline_stage` and `num_layers_in_last_pipeline_stage` cannot stand beside
    `account_for_embedding_in_pipeline_split` or `account_for_loss_in_pipeline_split`.

    ## Why
    Both say how the ends differ from the middle.

    ## Example
    ```yaml
    parallelism: {num_layers_in_first_pipeline_stage: 6, account_for_embedding_in_pipeline_split: true}
    ```

    ## Fix
    Keep one of them, or write a layout.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-06", #"the sizes of the first and last stage"#,
    #"""
    ## What
    `num_layers_in_first_pipeline_stage` and `num_layers_in_last_pipeline_stage` are above 0, and with virtual stages
    multiples of `virtual_pipeline_model_parallel_size`.

    ## Why
    Each virtual stage of the rank gets the same number of its layers.

    ## Example
    ```yaml
    parallelism: {num_layers_in_first_pipeline_stage: 5, virtual_pipeline_model_parallel_size: 3}
    ```

    ## Fix
    Take a multiple of VP; a layout is free of that.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-07", #"what the ends leave divides over the middle"#,
    #"""
    ## What
    The layers that `num_layers_in_first_pipeline_stage` and `num_layers_in_last_pipeline_stage` leave must divide by
    the stages that are left, and with virtual stages each share by VP. No layers left means no stages left.

    ## Why
    The stages in the middle hold equally many.

    ## Example
    ```yaml
    model: {num_layers: 27}
    parallelism: {pipeline_model_parallel_size: 4, num_layers_in_first_pipeline_stage: 7}   # 20 layers / 3 stages
    ```

    ## Fix
    Choose ends that leave a multiple, or write a layout.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-08", #"the ends take more than there is"#,
    #"""
    ## What
    The first and last stage together may not hold more layers than the model has, nor be more stages than the pipeline
    has.

    ## Why
    Megatron lets it pass where the numbers divide, and then builds stages of a negative number of layers: some layers
    exist twice, the model is wrong.

    ## Example
    ```yaml
    model: {num_layers: 27}
    parallelism: {pipeline_model_parallel_size: 4, num_layers_in_first_pipeline_stage: 30,
      num_layers_in_last_pipeline_stage: 5}   # -8 layers for 2 stages
    ```

    ## Fix
    Choose smaller ends.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__` (does not look); `transformer_block.py`.
    """#
  ),
  (
    "PIPE-10", #"two uneven stages cannot be interleaved"#,
    #"""
    ## What
    With `pipeline_model_parallel_size: 2`, both ends given and virtual stages, Megatron divides by zero when it builds
    the last rank.

    ## Why
    The offset of a layer is counted in stages of the middle, and there are none.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 2, virtual_pipeline_model_parallel_size: 2,
      num_layers_in_first_pipeline_stage: 14, num_layers_in_last_pipeline_stage: 14}
    ```

    ## Fix
    Write a layout, or one of the two numbers alone.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_layer.py`, `get_transformer_layer_offset`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-11", #"layers with counted embedding and loss divide by the pipeline size"#,
    #"""
    ## What
    With `account_for_embedding_in_pipeline_split` or `account_for_loss_in_pipeline_split`, `num_layers` plus one for
    each must be a multiple of `pipeline_model_parallel_size`, and each share of `virtual_pipeline_model_parallel_size`.

    ## Why
    Embedding and loss then take the slot of a layer in an even split.

    ## Example
    ```yaml
    model: {num_layers: 27}
    parallelism: {pipeline_model_parallel_size: 4, account_for_embedding_in_pipeline_split: true,
      account_for_loss_in_pipeline_split: true}   # 29 slots / 4
    ```

    ## Fix
    Count one of them, or write a layout. 27 layers and one of the two are 28 slots: 7 for each of 4 stages.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-13", #"a layout has whole rounds of stages"#,
    #"""
    ## What
    The number of stages of a layout must be a multiple of `pipeline_model_parallel_size`; the quotient is the virtual
    size, which must agree with `virtual_pipeline_model_parallel_size` where that is written.

    ## Why
    The stages are dealt to the pipeline's ranks in turn. Megatron's order is `vp_rank * PP + pp_rank`.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 3, pipeline_model_parallel_layout: Et*7|t*7|t*7|t*6L}   # 4 stages
    ```

    ## Fix
    Change the pipeline size, or the number of `|`. A `|` at the end adds an empty stage.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `__init__`; `transformer_config.py`,
      `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-14", #"several stages need a pipeline"#,
    #"""
    ## What
    With `pipeline_model_parallel_size: 1` a layout has one stage.

    ## Why
    More stages make virtual stages, which need a pipeline (PIPE-03). Megatron notices when it makes its process groups.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 1, pipeline_model_parallel_layout: Et*14|t*13L}
    ```

    ## Fix
    Set the pipeline size, or remove the layout.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
    """#
  ),
  (
    "PIPE-15", #"a layout begins with the embedding and ends with the loss"#,
    #"""
    ## What
    The first element of a layout is the embedding and the last is the loss, each exactly once. Empty stages may stand
    anywhere.

    ## Why
    Tokens come in on the first stage and the loss is taken on the last.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_layout: t*14|t*13L}   # no E
    ```

    ## Fix
    Write `E` at the front and `L` at the end.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-16", #"a layout holds every layer once"#,
    #"""
    ## What
    A layout has as many `t` as `num_layers` and as many `m` as `mtp_num_layers`.

    ## Why
    Each stage builds the layers that it is given. Two of the layouts that the upstream Moonlight recipe ships hold 31
    decoders for 27 layers, and are refused here as there.

    ## Example
    ```yaml
    model: {num_layers: 27}
    parallelism: {pipeline_model_parallel_layout: Et*14|t*14L}   # 28
    ```

    ## Fix
    Add or take away layers, or write `auto`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-17", #"MTP layers stand together behind the decoders"#,
    #"""
    ## What
    In a layout no decoder layer follows an MTP layer, all MTP layers stand in one stage, and that is the last virtual
    stage of its rank.

    ## Why
    MTP layers continue from the last decoder's output.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_layout: Et*14m|t*13L}
    ```

    ## Fix
    Put them before the `L`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-18", #"a layout has no encoder layers"#,
    #"""
    ## What
    `encoder` is a name that Megatron knows in a list of lists, and refuses.

    ## Why
    Flexible layouts are written for decoder models.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_layout: [[embedding, encoder], [loss]]}
    ```

    ## Fix
    Write `decoder`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-19", #"embedding and loss are built on the outer stages, wherever a layout has them"#,
    #"""
    ## What
    A layout may begin or end with empty stages. Megatron accepts it, but builds the embedding on the first stage and
    the loss on the last all the same.

    ## Why
    The stages that look empty are not.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_layout: "|Et*27L"}   # the embedding sits on stage 0
    ```

    ## Fix
    Write `E` on the first stage and `L` on the last.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `models/gpt/gpt_model.py`; megatron-bridge 0.3.1 `models/gpt_provider.py`, `provide`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PIPE-20", #"MTP layers on a rank of their own"#,
    #"""
    ## What
    Where a layout has the MTP layers on another rank than the last, Megatron sets `mtp_standalone`.

    ## Why
    That rank then holds a copy of the embedding, which costs memory and is kept equal by communication.

    ## Example
    ```yaml
    model: {mtp_num_layers: 1}
    parallelism: {pipeline_model_parallel_size: 3, pipeline_model_parallel_layout: Et*14|t*13m|L}
    ```

    ## Fix
    None is needed.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-21", #"the interleaved schedule wants whole groups of micro-batches"#,
    #"""
    ## What
    With virtual stages, `microbatch_group_size_per_vp_stage` (null: PP) must be between PP and the number of
    micro-batches, and a last, smaller group must hold at least PP of them. With the default, the number of
    micro-batches must be a multiple of PP. Training and evaluation run the same number.

    ## Why
    A rank runs a group of micro-batches through one of its chunks, then the same group through the next. A group
    smaller than the pipeline would leave ranks waiting. Nothing looks before the first step.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 4, virtual_pipeline_model_parallel_size: 2}
    train: {global_batch_size: 24, micro_batch_size: 1}   # on 4 replicas: 6 micro-batches
    ```

    ## Fix
    Take a global batch that makes a multiple of PP micro-batches.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_with_interleaving`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-22", #"only interleaved stages overlap their transfers"#,
    #"""
    ## What
    With a pipeline and no virtual stages, `overlap_p2p_comm` must be false. Where `comm_overlap` leaves it null,
    Megatron-Bridge chooses rightly.

    ## Why
    The plain schedule has nothing to hide a transfer behind, and refuses in the first step.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 4}
    comm_overlap: {overlap_p2p_comm: true}
    ```

    ## Fix
    Write null.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_without_interleaving`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-23", #"transfers are overlapped or batched, not both"#,
    #"""
    ## What
    With virtual stages, `overlap_p2p_comm` and `batch_p2p_comm` cannot both be on.

    ## Why
    A batch of transfers is waited for as a whole. The first step refuses.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 4, virtual_pipeline_model_parallel_size: 2}
    comm_overlap: {batch_p2p_comm: true}   # overlap_p2p_comm is on by itself here
    ```

    ## Fix
    Turn `batch_p2p_comm` off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_with_interleaving`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-24", #"overlap while the pipeline fills and drains"#,
    #"""
    ## What
    `overlap_p2p_comm_warmup_flush` needs `overlap_p2p_comm` on and `batch_p2p_comm` off, as they are after
    `comm_overlap` has had its say: that is, an interleaved pipeline.

    ## Why
    It extends the overlap to the schedule's beginning and end.

    ## Example
    ```yaml
    model: {overlap_p2p_comm_warmup_flush: true}   # without virtual stages
    ```

    ## Fix
    Turn it off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `model_parallel_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-26", #"the head's weight gradient is put off on a pipeline"#,
    #"""
    ## What
    `defer_embedding_wgrad_compute` needs `pipeline_model_parallel_size` above 1, `gradient_accumulation_fusion`, and a
    `wgrad_deferral_limit` of at least 0. Where `comm_overlap` is present its fields count, and its limit is -1 unless
    written.

    ## Why
    The gradient is computed while the pipeline drains.

    ## Example
    ```yaml
    comm_overlap: {defer_embedding_wgrad_compute: true}   # the limit is then -1
    ```

    ## Fix
    Write the limit, or turn it off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `model_parallel_config.py`, `__post_init__`; megatron-bridge 0.3.1
      `training/comm_overlap.py`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PIPE-28", #"a layout can be read"#,
    #"""
    ## What
    `pipeline_model_parallel_layout` is Megatron's string (`Et*14|t*13L`), a list of lists of `embedding`, `decoder`,
    `mtp` and `loss`, counts (`14+13`), `auto`, or null. The string's grammar is Megatron's exactly: `E` embedding, `t`
    decoder layer, `m` MTP layer, `L` loss, `|` between stages, `x*n` and `(…)*n` for repetition, commas for the eye.
    Groups do not nest, repetitions do not chain, there are no blanks.

    ## Why
    Megatron's own messages name a character of the unrolled text, not of what was written.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_layout: Et*14 |t*13L}   # a blank
    ```

    ## Fix
    The error points at the faulty character.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `parse_str_to_list`; this program's counts and
      `auto`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PIPE-29", #"the counts of a layout add up"#,
    #"""
    ## What
    Counts such as `14+13` must add up to `num_layers`, or to one more where the embedding counts as a slot of the first
    stage (`8+7+7+6` for 27 layers), or to two more where the loss counts as well.

    ## Why
    Any other sum leaves layers over or asks for some that do not exist.

    ## Example
    ```yaml
    model: {num_layers: 27}
    parallelism: {pipeline_model_parallel_layout: 5+4+4+4+4+4+4+4}   # 33
    ```

    ## Fix
    Take one of the nearest counts that the error lists.

    ## Source
    This program's notation.
    """#
  ),
  (
    "PIPE-30", #"the busiest rank keeps the others waiting"#,
    #"""
    ## What
    The ranks' work, counted in operations, is held against the best layout of the same pipeline: the one that `auto`
    stands for, or, where that is hardly better, one that may leave a stage to the loss alone. Where less than nine tenths
    of its efficiency are left, this is a warning.

    ## Why
    A pipeline is as fast as its busiest rank. The output head of a large vocabulary weighs more than three decoder
    layers of Moonlight, so an even split leaves the last rank far behind: 7+7+7+6 works 80 % of the time, 7+8+8+4 works
    96 %. Operations are not time: measure before you trust the last percent.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 4, pipeline_model_parallel_layout: Et*7|t*7|t*7|t*6L}
    ```

    ## Fix
    Write `auto`, or the layout that the help names.

    ## Source
    Operations as in Megatron-LM's `num_floating_point_operations`; none of Megatron's rules.
    """#
  ),
  (
    "PIPE-31", #"one virtual stage and whole batches"#,
    #"""
    ## What
    On a pipeline, `virtual_pipeline_model_parallel_size: 1` does not work with `dataloader_type: batch`, which
    finetuning uses; from 0.5.1 on it works with no loader.

    ## Why
    Any virtual size turns the interleaved schedule on, which wants one data iterator for each chunk in a list. For one
    chunk Megatron-Bridge's loader of whole batches makes no list, and the first step refuses.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 2, virtual_pipeline_model_parallel_size: 1}
    dataset: {kind: sft, dataloader_type: batch}
    ```

    ## Fix
    Write null.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `data/iterator_utils.py`, `make_data_iterator_list`; megatron-core 0.16.1
      `pipeline_parallel/schedules.py`.
    - 0.5.1: megatron-bridge 0.5.1, `training/train.py`; megatron-core: a list is made for more than one
      chunk.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "MOE-01", #"expert parallelism needs experts"#,
    #"""
    ## What
    `expert_model_parallel_size` above 1 needs `num_moe_experts`.

    ## Why
    There is nothing to spread.

    ## Example
    ```yaml
    model: {num_moe_experts: null}
    parallelism: {expert_model_parallel_size: 8}
    ```

    ## Fix
    Write 1.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-02", #"experts divide by the expert-parallel size"#,
    #"""
    ## What
    `num_moe_experts` must be a multiple of `expert_model_parallel_size`.

    ## Why
    Each expert-parallel GPU holds equally many whole experts. Megatron-Bridge notices when it builds the first MoE
    layer, with an assertion that has no message.

    ## Example
    ```yaml
    model: {num_moe_experts: 60}
    parallelism: {expert_model_parallel_size: 8}   # 7.5 experts a GPU
    ```

    ## Fix
    Take an EP that divides the experts.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `moe/moe_layer.py`, `BaseMoELayer.__init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-03", #"the width of experts"#,
    #"""
    ## What
    `moe_ffn_hidden_size` stands only beside `num_moe_experts`. Where there are experts and it is null, each is as wide
    as a dense layer.

    ## Why
    A width without experts has no meaning, and Megatron refuses it. Experts as wide as dense layers are rarely meant in
    this family: Moonlight's are an eighth.

    ## Example
    ```yaml
    model: {num_moe_experts: null, moe_ffn_hidden_size: 1408}
    ```

    ## Fix
    Write both or neither.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-04", #"the pattern of MoE layers"#,
    #"""
    ## What
    `moe_layer_freq` is a number n of at least 1 (layers 0, n, 2n, … are MoE) or a list with a 1 (MoE) or a 0 (dense)
    for each of `num_layers` layers. The form `"[0]*1+[1]*26"` belongs to Megatron-LM's command line.

    ## Why
    Megatron notices when it builds the model; 0 divides by zero. A list is checked for a dense model, too.

    ## Example
    ```yaml
    model: {num_layers: 27, moe_layer_freq: [0, 1, 1]}
    ```

    ## Fix
    Write one entry for each layer.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `models/gpt/gpt_layer_specs.py`, `get_gpt_decoder_layer_specs`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-06", #"a token has no more experts than there are"#,
    #"""
    ## What
    `moe_router_topk` is at most `num_moe_experts`.

    ## Why
    The model is built all the same; the first routing fails in `torch.topk`.

    ## Example
    ```yaml
    model: {num_moe_experts: 8, moe_router_topk: 9}
    ```

    ## Fix
    Take fewer.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `moe/moe_utils.py`, `topk_routing_with_score_function`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-35", #"scores on the input are for one expert a token"#,
    #"""
    ## What
    `moe_apply_probs_on_input` needs `moe_router_topk: 1`.

    ## Why
    The score can be multiplied into a token before its expert only where there is one expert; Megatron refuses in the
    first step.

    ## Example
    ```yaml
    model: {moe_apply_probs_on_input: true, moe_router_topk: 6}
    ```

    ## Fix
    Turn it off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `moe/experts.py`, `forward`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-07", #"one expert a token needs scores before the choice"#,
    #"""
    ## What
    With `moe_router_topk: 1` and the `softmax` score function, `moe_router_pre_softmax` must be on (unless the load is
    balanced by `sinkhorn`).

    ## Why
    A softmax over the one chosen score is 1 whatever the score, and has no gradient.

    ## Example
    ```yaml
    model: {moe_router_topk: 1, moe_router_score_function: softmax, moe_router_pre_softmax: false}
    ```

    ## Fix
    Turn it on, or use `sigmoid`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-08", #"the expert bias goes with sigmoid scores"#,
    #"""
    ## What
    `moe_router_enable_expert_bias` needs `moe_router_score_function: sigmoid`, or `sqrtsoftplus`, which 0.5.1 brought.

    ## Why
    Auxiliary-loss-free balancing adds the bias to scores that stand for themselves, not to shares.

    ## Example
    ```yaml
    model: {moe_router_enable_expert_bias: true, moe_router_score_function: softmax}
    ```

    ## Fix
    Use `sigmoid`, as DeepSeek-V3 and Moonlight do, or turn the bias off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-09", #"groups of experts"#,
    #"""
    ## What
    With `moe_router_group_topk`, there must be experts, `moe_router_num_groups` must be set and divide them, and
    `moe_router_group_topk` is at most `moe_router_num_groups`. Without it `moe_router_num_groups` has no effect.

    ## Why
    A token first chooses groups, then experts within them.

    ## Example
    ```yaml
    model: {num_moe_experts: 64, moe_router_num_groups: 5, moe_router_group_topk: 2}   # 12.8 experts a group
    ```

    ## Fix
    Take a number of groups that divides the experts. Moonlight has one group.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-11", #"a token's experts fit into its groups"#,
    #"""
    ## What
    With groups, each group is scored by its best `moe_router_topk / moe_router_group_topk` experts, rounded down. That
    must be at most the experts of a group. Where it is 0, or where the chosen groups hold fewer than `moe_router_topk`
    experts, routing runs but makes no sense.

    ## Why
    Megatron checks none of it: too many fail in the first routing, 0 gives every group the same score, and too few
    groups let experts in that were masked out.

    ## Example
    ```yaml
    model: {num_moe_experts: 64, moe_router_num_groups: 16, moe_router_group_topk: 1, moe_router_topk: 5}   # 4 a group
    ```

    ## Fix
    Choose more groups, or fewer experts a token.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `moe/moe_utils.py`, `group_limited_topk`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-12", #"moe_router_topk_limited_devices is deprecated"#,
    #"""
    ## What
    `moe_router_topk_limited_devices` cannot stand beside `moe_router_group_topk`. Alone it becomes that, with EP
    groups.

    ## Why
    Groups took the place of devices.

    ## Example
    ```yaml
    model: {moe_router_topk_limited_devices: 2, moe_router_group_topk: 2}
    ```

    ## Fix
    Write `moe_router_group_topk` and `moe_router_num_groups`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-13", #"each balancing loss has its weight"#,
    #"""
    ## What
    Where `moe_router_load_balancing_type` is a list, `moe_aux_loss_coeff` is a list of the same length; where it is one
    word, `moe_aux_loss_coeff` is one number.

    ## Why
    The weights belong to the losses one by one. A list of weights for a single loss fails when the router is built or
    first used.

    ## Example
    ```yaml
    model: {moe_router_load_balancing_type: [seq_aux_loss, global_aux_loss], moe_aux_loss_coeff: 0.001}
    ```

    ## Fix
    Write one weight for each.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; `moe/router.py`, `get_aux_loss_coeff`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-14", #"many experts are routed in fp32"#,
    #"""
    ## What
    With 32 experts or more, `moe_router_dtype` should be `fp32` or `fp64`. Megatron warns of it, too.

    ## Why
    In bf16 the scores of many experts are alike to the last bit, and the choice among them becomes noise.

    ## Example
    ```yaml
    model: {num_moe_experts: 64, moe_router_dtype: null}
    ```

    ## Fix
    Write `fp32`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-15", #"sinkhorn excludes auxiliary losses"#,
    #"""
    ## What
    With `moe_router_load_balancing_type: sinkhorn`, `moe_aux_loss_coeff` must be 0.

    ## Why
    Sinkhorn balances by itself, and refuses an auxiliary loss in the first routing.

    ## Example
    ```yaml
    model: {moe_router_load_balancing_type: sinkhorn, moe_aux_loss_coeff: 0.001}
    ```

    ## Fix
    Write 0.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `moe/router.py`, `sinkhorn_load_balancing`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-17", #"moe_enable_deepep goes with the flex dispatcher"#,
    #"""
    ## What
    `moe_enable_deepep`, which is deprecated, needs `moe_token_dispatcher_type: flex` and a
    `moe_flex_dispatcher_backend` other than `hybridep`.

    ## Why
    DeepEP is one of the two backends of that dispatcher.

    ## Example
    ```yaml
    model: {moe_enable_deepep: true, moe_token_dispatcher_type: alltoall}
    ```

    ## Fix
    Write `moe_token_dispatcher_type: flex`, with `moe_shared_expert_overlap: false`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-18", #"only alltoall overlaps shared experts"#,
    #"""
    ## What
    With shared experts, `moe_shared_expert_overlap` needs `moe_token_dispatcher_type: alltoall`.

    ## Why
    The shared experts run while that dispatcher's tokens travel; the others have no such place.

    ## Example
    ```yaml
    model: {moe_token_dispatcher_type: flex, moe_shared_expert_overlap: true}
    ```

    ## Fix
    Turn the overlap off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-21", #"the dispatcher's kernels exist for the GPU"#,
    #"""
    ## What
    `moe_token_dispatcher_type: flex` with the backend `deepep` runs on Ampere, Hopper, B200 and B300; with `hybridep` on
    GB200 and GB300, too; with `ncclep` (0.6.2) on Hopper and newer ones. The rule speaks where `cluster.gpu_type` names another GPU that it knows.

    ## Why
    Megatron-Bridge asks the GPU at start-up and refuses. Here only the name under which the scheduler knows the GPU is at
    hand, so it is a warning.

    ## Example
    ```yaml
    cluster: {gpu_type: gb200}
    model: {moe_token_dispatcher_type: flex, moe_flex_dispatcher_backend: deepep}
    ```

    ## Fix
    Take `hybridep` on GB200 and GB300, and `alltoall` on what is older than Ampere.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/flex_dispatcher_backend.py`, `validate_flex_dispatcher_backend`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "MOE-19", #"the flex dispatcher needs several GPUs"#,
    #"""
    ## What
    With `moe_token_dispatcher_type: flex`, `expert_tensor_parallel_size` times `expert_model_parallel_size` must be
    above 1. A null `expert_tensor_parallel_size` is TP.

    ## Why
    With one GPU no token travels.

    ## Example
    ```yaml
    model: {moe_token_dispatcher_type: flex}
    parallelism: {expert_model_parallel_size: 1, expert_tensor_parallel_size: 1}
    ```

    ## Fix
    Use `alltoall`, or EP above 1.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `moe/token_dispatcher.py`, `MoEFlexTokenDispatcher.__init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-22", #"DeepEP does not pad experts to their capacity"#,
    #"""
    ## What
    With the `flex` dispatcher on DeepEP, `moe_pad_expert_input_to_capacity` must be off.

    ## Why
    Its kernels send the tokens that there are. HybridEP can pad.

    ## Example
    ```yaml
    model: {moe_token_dispatcher_type: flex, moe_pad_expert_input_to_capacity: true}
    ```

    ## Fix
    Turn the padding off, or use `hybridep`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-23", #"DeepEP and HybridEP want fp32 scores"#,
    #"""
    ## What
    With the `flex` dispatcher, `moe_router_dtype` should be `fp32`: Megatron casts other formats in every step.

    ## Why
    Its kernels take fp32 alone.

    ## Example
    ```yaml
    model: {moe_token_dispatcher_type: flex, moe_router_dtype: null}
    ```

    ## Fix
    Write `fp32`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `moe/token_dispatcher.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-24", #"the capacity of experts"#,
    #"""
    ## What
    `moe_expert_capacity_factor` goes with balancing by `aux_loss`, `seq_aux_loss`, `global_aux_loss` or `none`, not
    with `sinkhorn` or `quantile_balancing`. A negative factor means null, and one below 1 drops tokens of any router. `moe_pad_expert_input_to_capacity` needs a factor.

    ## Why
    Tokens over the capacity are dropped by their scores, which Sinkhorn has changed.

    ## Example
    ```yaml
    model: {moe_pad_expert_input_to_capacity: true, moe_expert_capacity_factor: null}
    ```

    ## Fix
    Write a factor such as 1.0, or turn the padding off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-25", #"biased experts are not cut"#,
    #"""
    ## What
    With routed experts, `add_bias_linear` needs an expert tensor size of 1.

    ## Why
    A bias cannot be added once where the experts' output is added up over GPUs.

    ## Example
    ```yaml
    model: {num_moe_experts: 64, add_bias_linear: true}
    parallelism: {expert_tensor_parallel_size: 2}
    ```

    ## Fix
    Turn the biases off: no model of this family has them.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-26", #"shared experts have no biases"#,
    #"""
    ## What
    With shared experts, `add_bias_linear` must be off.

    ## Why
    Megatron's shared experts are not written for biases; building one refuses.

    ## Example
    ```yaml
    model: {add_bias_linear: true, moe_shared_expert_intermediate_size: 2816}
    ```

    ## Fix
    Turn the biases off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `moe/shared_experts.py`, `SharedExpertMLP.__init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-27", #"one GEMM for all experts"#,
    #"""
    ## What
    With `moe_grouped_gemm`, `add_bias_linear` and `bias_dropout_fusion` cannot both be on, and
    `moe_use_legacy_grouped_gemm` needs a package that Megatron-Bridge does not bring, `grouped_gemm`.

    ## Why
    The grouped layer hands its bias on unfused. The legacy one is no longer maintained.

    ## Example
    ```yaml
    model: {moe_grouped_gemm: true, moe_use_legacy_grouped_gemm: true}
    ```

    ## Fix
    Turn `moe_use_legacy_grouped_gemm` off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `moe/experts.py`, `TEGroupedMLP.__init__`, `GroupedMLP.__init__`.
    - 0.5.1: megatron-core 0.18.2 `transformer/moe/experts.py`, `TEGroupedMLP.__init__`.
    - 0.6.2: megatron-core 0.19.2 `transformer/moe/experts.py`, `TEGroupedMLP.__init__`.
    """#
  ),
  (
    "MOE-29", #"padding for quantised experts"#,
    #"""
    ## What
    `moe_router_padding_for_fp8` and `moe_router_padding_for_quantization` need fp8 or fp4, and a dispatcher other than
    `allgather`.

    ## Why
    They pad each expert's tokens to what quantised GEMMs want.

    ## Example
    ```yaml
    model: {moe_router_padding_for_fp8: true}
    mixed_precision: bf16_mixed
    ```

    ## Fix
    Turn it off, or train in fp8.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-30", #"the allgather dispatcher wants sequences of one length"#,
    #"""
    ## What
    `variable_seq_lengths` excludes `moe_token_dispatcher_type: allgather`, which is Megatron's default; also in a dense
    model.

    ## Why
    It gathers equally many tokens from every GPU.

    ## Example
    ```yaml
    model: {variable_seq_lengths: true, moe_token_dispatcher_type: allgather}
    ```

    ## Fix
    Use `alltoall`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-31", #"what overlapping the experts' all-to-all needs"#,
    #"""
    ## What
    `overlap_moe_expert_parallel_comm` needs EP above 1, more than one expert, the `alltoall` or `flex` dispatcher, bf16
    or fp16, virtual stages where there is a pipeline (written, not only in a layout, where `comm_overlap` turns it on),
    and no `moe_shared_expert_overlap`. Recomputation may be selective only, with `recompute_method` and
    `recompute_num_layers` null, and MTP at most one layer, in 0.3.1 on a pipeline. Since 0.5.1 `recompute_modules` must not hold
    `moe`, whatever is recomputed.

    ## Why
    Two micro-batches are computed at once, so that one computes while the other's tokens travel; the schedule knows
    only these cases.

    ## Example
    ```yaml
    comm_overlap: {overlap_moe_expert_parallel_comm: true}
    model: {moe_shared_expert_overlap: true}
    ```

    ## Fix
    Mend what the error names; it names all at once.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1
      `training/comm_overlap.py`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "MOE-32", #"putting weight gradients off needs the overlapped all-to-all"#,
    #"""
    ## What
    `delay_wgrad_compute` needs `overlap_moe_expert_parallel_comm`, and excludes `moe_use_legacy_grouped_gemm`.
    `ep_overlap_early_attn_memory_release` needs it as well.

    ## Why
    The gradients are computed while the tokens travel.

    ## Example
    ```yaml
    comm_overlap: {delay_wgrad_compute: true}
    ```

    ## Fix
    Turn the overlap on, or this off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1
      `training/comm_overlap.py`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "MOE-34", #"the pattern of MoE layers is not the released checkpoint's"#,
    #"""
    ## What
    Where a run starts from pretrained weights and the model has the shape of a released one, `moe_layer_freq` should
    have that model's dense layers at the front: one in Moonlight, DeepSeek-V2-Lite and Kimi K2, three in DeepSeek-V3.

    ## Why
    A layer that is MoE here and dense in the checkpoint finds no weights there.

    ## Example
    ```yaml
    model: {num_layers: 27, hidden_size: 2048, num_moe_experts: 64, moe_layer_freq: 1}   # layer 0 is dense in Moonlight
    checkpoint: {pretrained_checkpoint: /checkpoints/moonlight}
    ```

    ## Fix
    Write the pattern of the checkpoint.

    ## Source
    `first_k_dense_replace` of the published configs.
    """#
  ),
  (
    "MOE-36", #"forced routing is for benchmarks"#,
    #"""
    ## What
    `moe_router_force_load_balancing` replaces the router's logits by random numbers, so that every token goes to experts
    drawn at random; `moe_router_force_biased` does so too, and prefers some experts by chance.

    ## Why
    They make speed independent of the data. On real data each expert is trained on tokens that the router will never send
    it, and the router, whose logits are thrown away, on gradients that are not its own.

    ## Example
    ```yaml
    model: {moe_router_force_load_balancing: true}
    dataset: {data_paths: [/data/a_text_document]}
    ```

    ## Fix
    Leave it out, or measure with `dataset: {kind: mock}`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer/moe/router.py`, `forward`; `moe_utils.py`, `apply_random_logits`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same, and `apply_biased_logits`.
    """#
  ),
  (
    "MOE-37", #"one number of SMs for the flex dispatcher"#,
    #"""
    ## What
    `moe_deepep_num_sms` and `moe_hybridep_num_sms` must not differ, unless `moe_flex_dispatcher_num_sms` is set, which
    stands for both, whatever they are.

    ## Why
    The two are one setting now, and Megatron-Core does not choose. A config of 0.3.1 holds both, as 20 and 16.

    ## Example
    ```yaml
    model: {moe_deepep_num_sms: 20, moe_hybridep_num_sms: 16}
    ```

    ## Fix
    Write `moe_flex_dispatcher_num_sms` alone.

    ## Source
    - 0.6.2: megatron-core 0.19.2 `transformer/transformer_config.py`, `__post_init__`.
    """#
  ),
  (
    "MOE-38", #"the capacity of a rank needs a dispatcher that keeps to it"#,
    #"""
    ## What
    `moe_expert_rank_capacity_factor` needs the backend `hybridep`, in 0.6.2 `hybridep` or `ncclep`, and with `hybridep`
    `use_transformer_engine_op_fuser`.

    ## Why
    The receiving buffer has one size, whatever the routing; the other backends size it by the tokens that come.

    ## Example
    ```yaml
    model: {moe_expert_rank_capacity_factor: 1.5, moe_flex_dispatcher_backend: deepep}
    ```

    ## Fix
    Remove it, or take `hybridep`.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-39", #"stashed activations have a budget"#,
    #"""
    ## What
    `moe_paged_stash` needs `moe_expert_rank_capacity_factor`, excludes `cpu_offloading`, and `offload_modules` must not hold
    `expert_fc1`, `moe_act` or `fused_group_mlp`.

    ## Why
    The stash is of that capacity, and already holds what these would move.

    ## Example
    ```yaml
    model: {moe_paged_stash: true, moe_expert_rank_capacity_factor: null}
    ```

    ## Fix
    Remove it, or set the factor.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-40", #"one tensor for all experts' weights"#,
    #"""
    ## What
    `moe_single_grouped_weight` and `moe_single_grouped_bias` need `moe_grouped_gemm`; the bias needs `add_bias_linear`. The
    weight needs `fp8` with the recipe `mxfp8` in 0.5.1; in 0.6.2 it needs `use_transformer_engine_op_fuser`, and takes no fp8
    but `mxfp8` and no fp4 but `nvfp4`.

    ## Why
    Only these kernels take a grouped tensor whole; the others would cut it up.

    ## Example
    ```yaml
    model: {moe_single_grouped_weight: true, use_transformer_engine_op_fuser: false}
    ```

    ## Fix
    Remove it.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-41", #"the shared experts' fused GEMM"#,
    #"""
    ## What
    `use_grouped_gemm_for_shared_expert` needs `moe_shared_expert_glu_interleave_size`, SwiGLU without biases, and `mxfp8` or
    `nvfp4`.

    ## Why
    It is one kernel, written for these; Megatron-Core asks for the number format in the first forward pass.

    ## Example
    ```yaml
    model: {use_grouped_gemm_for_shared_expert: true, moe_shared_expert_glu_interleave_size: null}
    ```

    ## Fix
    Remove it.

    ## Source
    - 0.6.2: megatron-core 0.19.2 `transformer/moe/shared_experts.py`, `FusedSharedExpertMLP`.
    """#
  ),
  (
    "MOE-42", #"the experts' fused operations"#,
    #"""
    ## What
    With grouped experts `use_transformer_engine_op_fuser` needs ETP 1, `moe_apply_probs_on_input` off, neither `expert_fc1` nor
    `moe_act` offloaded, and SwiGLU, or the squared ReLU with `use_fused_weighted_squared_relu`. In 0.6.2 SwiGLU needs the
    variable `NVTE_CUTEDSL_FUSED_GROUPED_MLP=1` as well.

    ## Why
    Transformer Engine has a fused operation for these and no other.

    ## Example
    ```yaml
    model: {use_transformer_engine_op_fuser: true}
    parallelism: {expert_tensor_parallel_size: 2}
    ```

    ## Fix
    Turn it off.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `transformer/moe/experts.py`, `_is_fused_impl_supported`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-43", #"dispatch over weight gradients excludes the other overlaps"#,
    #"""
    ## What
    `overlap_dispatch_backward_with_experts_wgrad` excludes `overlap_moe_expert_parallel_comm` and `delay_wgrad_compute`.

    ## Why
    All three put the experts' weight gradients elsewhere in the backward pass.

    ## Example
    ```yaml
    model: {overlap_dispatch_backward_with_experts_wgrad: true}
    comm_overlap: {overlap_moe_expert_parallel_comm: true}
    ```

    ## Fix
    Keep one of them.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MOE-44", #"NCCL's dispatch has a budget"#,
    #"""
    ## What
    `moe_flex_dispatcher_backend: ncclep` needs `moe_token_dispatcher_type: flex`, and in a MoE layer
    `moe_expert_rank_capacity_factor`. With `overlap_moe_expert_parallel_comm` `expert_fc1` is not offloaded.

    ## Why
    NCCL's buffers are made once, of that capacity; tokens beyond it end the run.

    ## Example
    ```yaml
    model: {moe_flex_dispatcher_backend: ncclep, moe_token_dispatcher_type: alltoall}
    ```

    ## Fix
    Write `flex` and a generous factor, or take another backend.

    ## Source
    - 0.6.2: megatron-core 0.19.2 `transformer/transformer_config.py`, `__post_init__`; `transformer/moe/token_dispatcher.py`.
    """#
  ),
  (
    "MOE-45", #"quantile balancing takes plain routing"#,
    #"""
    ## What
    `moe_router_load_balancing_type: quantile_balancing` excludes `moe_router_fusion` and groups of experts, and the tokens that
    a router sees at once, times `moe_router_topk`, must be a multiple of `num_moe_experts`.

    ## Why
    Each expert is to get the same number of tokens of every micro-batch, which the first forward pass checks.

    ## Example
    ```yaml
    model: {moe_router_load_balancing_type: quantile_balancing, moe_router_num_groups: 8, moe_router_group_topk: 4}
    ```

    ## Fix
    Set the groups to null and turn the fusion off.

    ## Source
    - 0.6.2: megatron-core 0.19.2 `transformer/moe/router.py`, `quantile_balancing`; `transformer/moe/moe_utils.py`.
    """#
  ),
  (
    "MOE-46", #"HybridEP's group is a whole number of NVLink domains"#,
    #"""
    ## What
    With the backend `hybridep` the ETP x EP GPUs of one set of experts are split into parts that NVLink joins. How many are in
    a part, `NUM_OF_HYBRID_EP_RANKS_PER_NVLINK_DOMAIN` says in `env_vars`; where it is unset, the kernels find out, which
    gives what NVLink joins (DeepEP before 20 January 2026 took 8). It must divide ETP x EP. A warning follows where it says more than NVLink joins, or less
    than it could be: the GPUs of a node, `cluster.nvlink_domain_gpus` where that is written, or `NVLINK_DOMAIN_SIZE` with
    `USE_MNNVL: "1"`.

    ## Why
    The buffer is made in the first step, and stops the run where the group is no whole number of parts. With more GPUs than
    NVLink joins it writes into memory that it cannot reach; with fewer, neighbours talk over the network. The recipes of
    Megatron-Bridge write 8 for their own EP, which stays behind where EP is overridden.

    ## Example
    ```yaml
    parallelism: {expert_model_parallel_size: 4}
    model: {moe_token_dispatcher_type: flex, moe_flex_dispatcher_backend: hybridep}
    env_vars: {NUM_OF_HYBRID_EP_RANKS_PER_NVLINK_DOMAIN: "8"}
    ```

    ## Fix
    The smaller one of ETP x EP and what NVLink joins, or nothing, and let the kernels find out.

    ## Source
    DeepEP, branch hybrid-ep at 94a9f8f (10 July 2026), `deep_ep/hybrid_ep_buffer.py`, `HybridEPBuffer.__init__`, and
    `csrc/hybrid_ep/allocator/allocator.cu`, `detect_accessible_ranks` and `USE_MNNVL`. Nothing there reads `NVLINK_DOMAIN_SIZE`,
    which Bridge's recipes write: it is taken as the word of who wrote it.
    - 0.3.1: megatron-core 0.16.1 `moe/fused_a2a.py`, `init_hybrid_ep_buffer`; its Dockerfile builds whatever the branch is.
    - 0.5.1: megatron-core 0.18.2, the same; megatron-bridge 0.5.1 `docker/Dockerfile.ci` builds DeepEP at 34152ae, where the same stands.
    - 0.6.2: megatron-core 0.19.2, the same; megatron-bridge 0.6.2 `recipes/moonlight/h100/moonlight_16b.py`, `env_vars`. Which DeepEP its
      image has is not public.
    """#
  ),
  (
    "MTP-02", #"recomputing MTP layers"#,
    #"""
    ## What
    With MTP layers and `recompute_granularity: full`, the method `uniform` needs `recompute_num_layers: 1`. With
    `block` the MTP layers are not recomputed.

    ## Why
    An MTP layer is a group of its own. The first step refuses others.

    ## Example
    ```yaml
    model: {mtp_num_layers: 1}
    recompute: {recompute_granularity: full, recompute_method: uniform, recompute_num_layers: 3}
    ```

    ## Fix
    Write 1.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `multi_token_prediction.py`, `_checkpointed_forward`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MTP-04", #"MTP layers on a stage without decoder layers"#,
    #"""
    ## What
    Where the stage that holds the MTP layers holds no decoder layer, Megatron-Bridge builds them from its default
    layer, which has plain attention and no multi-latent one.

    ## Why
    Otherwise an MTP layer is made like the last decoder layer of its stage. The default is accepted and trains, but it
    is another architecture, and no checkpoint of the family has its weights.

    ## Example
    ```yaml
    model: {mtp_num_layers: 1, multi_latent_attention: true}
    parallelism: {pipeline_model_parallel_size: 2, pipeline_model_parallel_layout: Et*27|mL}
    ```

    ## Fix
    Put a decoder layer on that stage.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `models/gpt_provider.py`, `mtp_block_spec`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "MTP-05", #"the width divides by TP with MTP layers"#,
    #"""
    ## What
    With MTP layers `hidden_size` must be a multiple of TP.

    ## Why
    An MTP layer first projects a token's state and embedding to `hidden_size` numbers, which are split over tensor ranks.

    ## Example
    ```yaml
    model: {hidden_size: 1000, mtp_num_layers: 1}
    parallelism: {tensor_model_parallel_size: 3}
    ```

    ## Fix
    A TP that divides it.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer/multi_token_prediction.py`, `eh_proj`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RECOMP-02", #"full recomputation says how and how many"#,
    #"""
    ## What
    `recompute_granularity: full` needs `recompute_method` (`uniform` or `block`) and `recompute_num_layers`.

    ## Why
    `uniform` keeps the input of every group of that many layers, `block` recomputes the first that many of each stage.

    ## Example
    ```yaml
    recompute: {recompute_granularity: full}
    ```

    ## Fix
    Write `recompute_method: uniform` and `recompute_num_layers: 1`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RECOMP-03", #"groups of recomputed layers fill every stage"#,
    #"""
    ## What
    With `full` and `uniform`, `recompute_num_layers` must be at least 1 and divide the layers of every stage. With
    `block`, 0 recomputes nothing.

    ## Why
    Megatron does not check it. 0 loops forever; a last group that reaches beyond the stage's layers fails in the first
    step.

    ## Example
    ```yaml
    model: {num_layers: 27}
    recompute: {recompute_granularity: full, recompute_method: uniform, recompute_num_layers: 2}
    ```

    ## Fix
    Write 1, or a number that divides all stages.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_block.py`, `_checkpointed_forward`.
    - 0.5.1: megatron-core 0.18.2 `recompute.py`, `checkpointed_forward`.
    - 0.6.2: megatron-core 0.19.2 `recompute.py`, `checkpointed_forward`.
    """#
  ),
  (
    "RECOMP-04", #"selective recomputation counts no layers"#,
    #"""
    ## What
    With `recompute_granularity: selective`, `recompute_num_layers` must be null.

    ## Why
    It recomputes the same parts of every layer.

    ## Example
    ```yaml
    recompute: {recompute_granularity: selective, recompute_num_layers: 1}
    ```

    ## Fix
    Write null.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RECOMP-05", #"selective recomputation has no method"#,
    #"""
    ## What
    With `recompute_granularity: selective`, `recompute_method` has no effect.

    ## Why
    Megatron-Core ignores it; Megatron-LM's command line refuses it.

    ## Example
    ```yaml
    recompute: {recompute_granularity: selective, recompute_method: uniform}
    ```

    ## Fix
    Write null.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RECOMP-06", #"recomputation settings without effect"#,
    #"""
    ## What
    Without `recompute_granularity`, the other recomputation fields are ignored; with `full`, `recompute_modules` is.

    ## Why
    Megatron does not look at them.

    ## Example
    ```yaml
    recompute: {recompute_granularity: null, recompute_method: uniform, recompute_num_layers: 1}
    ```

    ## Fix
    Write the granularity that was meant.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RECOMP-07", #"recomputing no part"#,
    #"""
    ## What
    With `recompute_granularity: selective`, an empty `recompute_modules` recomputes nothing. Null recomputes
    `core_attn`.

    ## Why
    The list replaces the default.

    ## Example
    ```yaml
    recompute: {recompute_granularity: selective, recompute_modules: []}
    ```

    ## Fix
    Name modules, or write null.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RECOMP-08", #"parts that can be recomputed"#,
    #"""
    ## What
    With `recompute_granularity: selective`, the module `moe_act` needs `moe_grouped_gemm`, `mla_up_proj` needs
    multi-latent attention, and `shared_experts` excludes `moe_shared_expert_overlap`.

    ## Why
    The part must exist, and overlapped shared experts run on a stream of their own.

    ## Example
    ```yaml
    model: {moe_shared_expert_overlap: true}
    recompute: {recompute_granularity: selective, recompute_modules: [core_attn, shared_experts]}
    ```

    ## Fix
    Remove the module, or the setting that excludes it.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RECOMP-09", #"fp8 with delayed scaling recomputes neither activations nor norms"#,
    #"""
    ## What
    With fp8 and the `delayed` recipe, `recompute_modules` can hold neither `moe_act` nor `layernorm`.

    ## Why
    Delayed scaling keeps statistics of every forward pass; a second pass would count twice.

    ## Example
    ```yaml
    mixed_precision: bf16_with_fp8_delayed_scaling_mixed
    recompute: {recompute_granularity: selective, recompute_modules: [moe_act]}
    ```

    ## Fix
    Use another scaling, or remove the modules.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RECOMP-10", #"moe_layer_recompute is deprecated"#,
    #"""
    ## What
    `moe_layer_recompute` cannot stand beside full recomputation. Otherwise Megatron sets `recompute_granularity` to
    `selective` and adds `moe` to the modules.

    ## Why
    It is the old way to write that module.

    ## Example
    ```yaml
    model: {moe_layer_recompute: true}
    ```

    ## Fix
    Write `recompute_granularity: selective` and `recompute_modules: [core_attn, moe]`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RECOMP-11", #"kept activations are spread once"#,
    #"""
    ## What
    With recomputation, `distribute_saved_activations` excludes `sequence_parallel`.

    ## Why
    Sequence parallelism has spread them already.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 2, sequence_parallel: true}
    recompute: {recompute_granularity: selective, distribute_saved_activations: true}
    ```

    ## Fix
    Turn it off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RECOMP-12", #"activations in host memory"#,
    #"""
    ## What
    `cpu_offloading` needs `cpu_offloading_num_layers` between 0 and `num_layers` - 1, no pipeline and no recomputation.

    ## Why
    The last layer's activations are needed at once. Pipelines and recomputation free activations in their own way.

    ## Example
    ```yaml
    model: {cpu_offloading: true, cpu_offloading_num_layers: 27, num_layers: 27}
    ```

    ## Fix
    Take fewer layers; write `recompute_granularity: null`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "BATCH-03", #"both batch sizes are given"#,
    #"""
    ## What
    `global_batch_size` and `micro_batch_size` must be numbers.

    ## Why
    Megatron-LM's command line takes one micro-batch a replica for a missing global batch. Megatron-Bridge has no
    such default: it multiplies, and fails on `None`.

    ## Example
    ```yaml
    train: {train_iters: 1000, micro_batch_size: 1}   # no global_batch_size
    ```

    ## Fix
    Write both. The smallest global batch is the micro batch times the data-parallel size.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`; megatron-core 0.16.1 `num_microbatches_calculator.py`.
    """#
  ),
  (
    "BATCH-01", #"the global batch is a whole number of micro-batches on every replica"#,
    #"""
    ## What
    `global_batch_size` must be a multiple of `micro_batch_size` times the data-parallel size, and at least once it,
    unless `decrease_batch_size_if_needed` rounds it down or `rampup_batch_size` is in force.

    ## Why
    Every replica runs the same number of micro-batches in a step.

    ## Example
    ```yaml
    train: {global_batch_size: 100, micro_batch_size: 1}   # with 8 replicas: 12.5 micro-batches
    ```

    ## Fix
    Take the nearest multiple.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `num_microbatches_calculator.py`, `ConstantNumMicroBatchesCalculator`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "BATCH-02", #"the global batch is rounded down"#,
    #"""
    ## What
    With `decrease_batch_size_if_needed` a global batch that is no multiple of `micro_batch_size` times the data-parallel
    size is rounded down to one. What is left must be at least one micro-batch a replica.

    ## Why
    The run trains with a smaller batch than the one written, while the learning-rate schedule still counts with the
    written one.

    ## Example
    ```yaml
    train: {global_batch_size: 100, micro_batch_size: 1, decrease_batch_size_if_needed: true}   # 8 replicas: 96
    ```

    ## Fix
    Write the batch that is meant.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `num_microbatches_calculator.py`, `ConstantNumMicroBatchesCalculator`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "BATCH-04", #"a ramp-up leads from its start to the global batch in whole steps"#,
    #"""
    ## What
    `rampup_batch_size` is exactly `[start, increment, samples]`, with a start and an increment above 0 and a start of at
    most `global_batch_size`, from which a whole number of increments leads to it.

    ## Why
    The batch grows by one increment at a time, and has to arrive.

    ## Example
    ```yaml
    train: {global_batch_size: 2048, rampup_batch_size: [256, 100, 100000]}   # 1792 / 100 is no whole number
    ```

    ## Fix
    Take an increment that divides the difference.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `num_microbatches_calculator.py`, `RampupBatchsizeNumMicroBatchesCalculator`.
    """#
  ),
  (
    "BATCH-05", #"a ramp-up has something to ramp"#,
    #"""
    ## What
    The start of `rampup_batch_size` must lie below `global_batch_size`, and its number of samples above 0.

    ## Why
    Both look harmless, a ramp-up that does nothing; but Megatron divides by the number of increments and by the samples
    of each, and stops with a ZeroDivisionError.

    ## Example
    ```yaml
    train: {global_batch_size: 2048, rampup_batch_size: [2048, 256, 100000]}
    ```

    ## Fix
    Remove `rampup_batch_size`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `num_microbatches_calculator.py`, `RampupBatchsizeNumMicroBatchesCalculator`.
    """#
  ),
  (
    "BATCH-07", #"a ramp-up needs a run counted in steps"#,
    #"""
    ## What
    `rampup_batch_size` excludes `train_samples`.

    ## Why
    Megatron-Bridge turns `train_samples` into steps by dividing by the global batch, which is not constant then.

    ## Example
    ```yaml
    train: {train_samples: 1000000, rampup_batch_size: [256, 256, 100000]}
    ```

    ## Fix
    Give `train_iters` instead.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `TrainingConfig.finalize`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "BATCH-06", #"every batch of a ramp-up is a whole number of micro-batches on every replica"#,
    #"""
    ## What
    Each size from start to `global_batch_size` must be a multiple of `micro_batch_size` times the data-parallel size,
    unless `decrease_batch_size_if_needed` rounds them down; then the start must still be one micro-batch a replica.

    ## Why
    Megatron accepts such a ramp-up at start-up and refuses it in training, at the first size that does not fit.

    ## Example
    ```yaml
    train: {global_batch_size: 2048, micro_batch_size: 1, rampup_batch_size: [12, 4, 100000]}   # with 8 replicas
    ```

    ## Fix
    Take start and increment as multiples of micro batch times replicas.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `num_microbatches_calculator.py`, `update`; megatron-bridge 0.3.1 `training/train.py`.
    """#
  ),
  (
    "BATCH-08", #"every batch of a ramp-up keeps an interleaved pipeline busy"#,
    #"""
    ## What
    With virtual pipeline stages, the micro-batches of each size of a ramp-up must obey PIPE-21: at least the group size
    `microbatch_group_size_per_vp_stage` (by default PP), and the last group whole or at least PP.

    ## Why
    The interleaved schedule refuses the step otherwise, in the middle of the run.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 4, virtual_pipeline_model_parallel_size: 2}
    train: {global_batch_size: 64, micro_batch_size: 1, rampup_batch_size: [8, 8, 1000]}   # 4 replicas: 2 micro-batches
    ```

    ## Fix
    Start larger, and grow by multiples of micro batch times replicas times PP.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `pipeline_parallel/schedules.py`, `forward_backward_pipelining_with_interleaving`.
    """#
  ),
  (
    "BATCH-09", #"a ramp-up is passed over"#,
    #"""
    ## What
    `rampup_batch_size` is accepted, and every step has `global_batch_size` sequences from the first on.

    ## Why
    The run is another than the one written: the same learning rate meets a larger batch while the model is young, and
    `train_iters` steps take more samples than a ramp-up would.

    ## Example
    ```yaml
    train: {global_batch_size: 2048, rampup_batch_size: [256, 256, 100000]}   # 2048 from the first step
    ```

    ## Fix
    Remove it. To begin with smaller batches, train in two runs: the second resumes from the first with the larger batch.

    ## Source
    - 0.5.1: megatron-core 0.18.2, `num_microbatches_calculator.py`, `_build_num_microbatches_calculator`,
      which warns.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "RUN-01", #"the run's name is the name of one folder"#,
    #"""
    ## What
    `recipe.name` is not empty, is neither `.` nor `..`, and holds no `/`.

    ## Why
    A run writes into `<recipe.dir>/<recipe.name>` and nowhere else. With a separator in the name, checkpoints and logs
    would land in a folder that may belong to somebody else.

    ## Example
    ```yaml
    recipe: {name: ../../other}
    ```

    ## Fix
    Put the way into `recipe.dir`, which may be any path: `recipe: {dir: /results/team, name: run1}`.

    ## Source
    The run directory of this package.
    """#
  ),
  (
    "ENV-01", #"variables of the shell, the loader and the launcher are theirs"#,
    #"""
    ## What
    `env_vars` names no variable that bash, the dynamic linker, torchrun, Slurm or the launch script gives its value, and
    nothing that cannot be a variable's name.

    ## Why
    An assignment to a read-only variable of bash (`UID`, `SHELLOPTS`) ends the script; one to `PATH`, `IFS` or `PWD`
    changes what its next lines do; `LD_PRELOAD` loads code into every program of the launch; and a rank that is told
    another `RANK` or `SLURM_PROCID` waits for the others until its time is up.

    ## Example
    ```yaml
    env_vars: {WORLD_SIZE: "8"}
    ```

    ## Fix
    Leave it out. Paths of programs and libraries belong into the container or the environment that the job starts in.

    ## Source
    GNU bash 5.2 manual, "Shell Variables"; glibc `ld.so(8)`; PyTorch 2.7 `torch/distributed/run.py`, "Environment
    Variables"; Slurm 24.05 `sbatch(1)`, "OUTPUT ENVIRONMENT VARIABLES".
    """#
  ),
  (
    "ENV-02", #"variables that every program of a launch reads"#,
    #"""
    ## What
    `env_vars` sets `HOME`, `PYTHONPATH`, `LD_LIBRARY_PATH`, `CUDA_VISIBLE_DEVICES` or the like.

    ## Why
    They reach the launcher and the commands of the script as well as the ranks, and replace what the container or the
    job's environment had set.

    ## Example
    ```yaml
    env_vars: {PYTHONPATH: /home/me/src}
    ```

    ## Fix
    Set it in the container or before the job is submitted, unless all of the launch is meant.

    ## Source
    The launch scripts of this package export `env_vars` before anything else runs.
    """#
  ),
  (
    "ENV-03", #"CUDA graphs and expandable segments need unregistered buffers"#,
    #"""
    ## What
    CUDA graphs with `PYTORCH_CUDA_ALLOC_CONF: expandable_segments:True` need `NCCL_GRAPH_REGISTER: "0"`.

    ## Why
    Megatron stops where graphs are captured: NCCL would register memory that the allocator moves. (Its own graphs,
    `cuda_graph_impl: local`, ask for it before Blackwell only.)

    ## Example
    ```yaml
    model: {cuda_graph_impl: transformer_engine}
    env_vars: {PYTORCH_CUDA_ALLOC_CONF: "expandable_segments:True"}
    ```

    ## Fix
    `env_vars: {NCCL_GRAPH_REGISTER: "0"}`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer/cuda_graphs.py`, `TECudaGraphHelper` and `CudaGraphManager`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "TRAIN-01", #"the length of the run is given once"#,
    #"""
    ## What
    Exactly one of `train_iters` and `train_samples` must be given, in 0.6.2 of these and `num_epochs`, and samples must be
    above 0. Samples are turned into
    steps by dividing by the global batch; a rest is not trained on.

    ## Why
    Megatron-Bridge refuses none and several.

    ## Example
    ```yaml
    extends: moonlight_16b_pretrain_config   # sets train_iters
    train: {train_samples: 1000000}
    ```

    ## Fix
    Set the other one to `null`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `TrainingConfig.finalize`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "TRAIN-07", #"epochs are of examples"#,
    #"""
    ## What
    `train.num_epochs` is above 0, goes with `dataset.kind: sft` and `dataloader_type: batch`, and excludes
    `rampup_batch_size`.

    ## Why
    Only a dataset of examples has a size of its own, from which the steps follow once it is built.

    ## Example
    ```yaml
    train: {num_epochs: 2, train_iters: null}
    dataset: {kind: indexed}
    ```

    ## Fix
    Count the run in steps or samples.

    ## Source
    - 0.6.2: megatron-bridge 0.6.2 `training/config.py`, `ConfigContainer.validate`, `TrainingConfig.finalize`.
    """#
  ),
  (
    "TRAIN-02", #"garbage is collected at an interval of at least 0"#,
    #"""
    ## What
    With `manual_gc`, `manual_gc_interval` must not be negative; 0 collects only around evaluations.

    ## Why
    Megatron-Bridge asserts it when training begins, after everything has been loaded.

    ## Example
    ```yaml
    train: {manual_gc: true, manual_gc_interval: -1}
    ```

    ## Fix
    Write 0, or switch `manual_gc` off.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/train.py`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "TRAIN-04", #"the seed is above 0"#,
    #"""
    ## What
    `rng.seed` must be a positive number.

    ## Why
    Megatron asserts it after the process groups are up.

    ## Example
    ```yaml
    rng: {seed: 0}
    ```

    ## Fix
    Any number from 1 on.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/initialize.py`, `_set_random_seed`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "TRAIN-05", #"profiling and experiment logs are consistent"#,
    #"""
    ## What
    At most one of the two profilers; `0 <= profile_step_start <= profile_step_end`; and `logger.mlflow_experiment` comes
    with `mlflow_run_name`, `logger.comet_project`, which 0.5.1 brought, with `comet_experiment_name`.

    ## Why
    Both profilers would hook into the same CUDA events, and an end before the start has no meaning. An experiment without
    a run name is refused at start-up.

    ## Example
    ```yaml
    profiling: {use_nsys_profiler: true, use_pytorch_profiler: true}
    ```

    ## Fix
    Choose one, and order the steps.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ProfilingConfig.finalize`, `LoggerConfig.finalize`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "TRAIN-08", #"weights are initialised"#,
    #"""
    ## What
    With `perform_initialization: false` the weights are what the memory holds, unless a checkpoint is loaded into them.

    ## Why
    The switch is for the start of a run that loads everything, or for a benchmark. Pretraining from the start would begin with
    arbitrary numbers, not those of `init_method_std`.

    ## Example
    ```yaml
    recipe: {mode: pretrain}
    model: {perform_initialization: false}
    ```

    ## Fix
    Leave it true.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `tensor_parallel/layers.py`; `extensions/transformer_engine.py`,
      `condition_init_method`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "EVAL-01", #"the evaluation interval is at least 1"#,
    #"""
    ## What
    `eval_interval` must be a number above 0, even where `eval_iters` is 0.

    ## Why
    Megatron-Bridge divides the length of the run by it to size the validation data, whether or not anything is
    evaluated. It passes validation and fails when the data are built.

    ## Example
    ```yaml
    validation: {eval_interval: 0, eval_iters: 0}
    ```

    ## Fix
    To evaluate nothing, set `eval_iters` to 0 and keep any interval.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `data/loaders.py`, `get_train_valid_test_num_samples`.
    """#
  ),
  (
    "EVAL-02", #"nothing is evaluated while the run goes on"#,
    #"""
    ## What
    `eval_interval` is longer than the run, so the only evaluation is the one at its end.

    ## Why
    The interval of a long run stays behind when the run is shortened, and the curve one waits for never comes.

    ## Example
    ```yaml
    train: {train_iters: 500}
    validation: {eval_interval: 2000, eval_iters: 32}
    ```

    ## Fix
    Shorten the interval.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/train.py`.
    - 0.5.1: megatron-bridge 0.5.1 `training/train.py`, which reads `validation.eval_interval`.
    - 0.6.2: megatron-bridge 0.6.2 `training/train.py`, which reads `validation.eval_interval`.
    """#
  ),
  (
    "EVAL-03", #"the evaluation batch is a whole number of micro-batches on every replica"#,
    #"""
    ## What
    `eval_global_batch_size` must be a multiple of `eval_micro_batch_size` times the data-parallel size, evaluation or
    not. Where they are not set, they are the training ones. `dist.eval_context_parallel_size` gives evaluation replicas of
    its own in 0.6.2: TP x PP x that size must divide the GPUs.

    ## Why
    Megatron-Bridge checks it before anything is built. `decrease_batch_size_if_needed` rounds the training batch only.

    ## Example
    ```yaml
    train: {global_batch_size: 100, micro_batch_size: 1, decrease_batch_size_if_needed: true}   # 8 replicas
    ```

    ## Fix
    Set `validation.eval_global_batch_size` to a multiple.

    ## Source
    - 0.5.1: megatron-bridge 0.5.1, `training/config.py`, `ConfigContainer.validate`.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "LOG-02", #"TensorBoard is written at an interval of at least 1"#,
    #"""
    ## What
    `logger.tensorboard_log_interval` must not be 0 where timers or anything else go to TensorBoard.

    ## Why
    Megatron-Bridge takes the step modulo the interval behind the first step, and stops with a ZeroDivisionError.

    ## Example
    ```yaml
    logger: {tensorboard_dir: tb_logs, tensorboard_log_interval: 0}
    ```

    ## Fix
    Set `tensorboard_dir` to `null` to write nothing.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/utils/train_utils.py`, `training_log`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "LOG-03", #"Weights & Biases has a run name and a place"#,
    #"""
    ## What
    With `logger.wandb_project`, `wandb_exp_name` must not be empty, and `wandb_save_dir` or `checkpoint.save` must be given.

    ## Why
    The last rank opens the run when everything else is set up, and ends the job if it cannot.

    ## Example
    ```yaml
    logger: {wandb_project: moonlight, wandb_exp_name: ""}
    ```

    ## Fix
    Name the run.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/state.py`, `wandb_logger`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "LOG-04", #"configs can be written down"#,
    #"""
    ## What
    `model.config_logger_dir` is empty where the distributed optimizer shards the model's states.

    ## Why
    Megatron-Core writes down what its classes are made of. Since 0.18 one of these things is the layout of the distributed optimizer's
    parameters, whose keys JSON cannot take: the start ends with `unhashable type: 'dict'`.

    ## Example
    ```yaml
    model: {config_logger_dir: /logs/configs}
    ```

    ## Fix
    Leave it out. Megatron-Bridge saves its whole config beside each checkpoint.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `distributed/distributed_data_parallel.py`, `__init__`; `config_logger.py`,
      `log_config_to_disk`; `optimizer/distrib_optimizer.py`, `compute_full_param_layout`.
    - 0.6.2: megatron-core 0.19.2, the same; `training/models/dist_utils.py`, `_ddp_wrap`.
    """#
  ),
  (
    "OPT-01", #"only Adam is precision-aware"#,
    #"""
    ## What
    `use_precision_aware_optimizer` needs `optimizer: adam`.

    ## Why
    Only Transformer Engine's FusedAdam keeps its states in other formats.

    ## Example
    ```yaml
    optimizer: {optimizer: sgd, use_precision_aware_optimizer: true}
    ```

    ## Fix
    Switch it off, and set the four formats back to fp32. For Muon see MUON-05.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "OPT-02", #"the precision-aware optimizer is a distributed one"#,
    #"""
    ## What
    `use_precision_aware_optimizer` needs `optimizer.use_distributed_optimizer`, written there: `ddp`'s switch of the same
    name does not count.

    ## Why
    Megatron-Bridge copies the switch from `ddp` to `optimizer`, but only after the optimizer has been checked.

    ## Example
    ```yaml
    optimizer: {use_precision_aware_optimizer: true}
    ddp: {use_distributed_optimizer: true}
    ```

    ## Fix
    Set `optimizer.use_distributed_optimizer`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`; megatron-bridge 0.3.1
      `training/config.py`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "OPT-04", #"a plain optimizer keeps everything in fp32"#,
    #"""
    ## What
    Without `use_precision_aware_optimizer`, `main_grads_dtype`, `main_params_dtype`, `exp_avg_dtype` and
    `exp_avg_sq_dtype` must be fp32.

    ## Why
    Only the precision-aware optimizer reads them; Megatron refuses formats that would have no effect.

    ## Example
    ```yaml
    optimizer: {use_precision_aware_optimizer: false, exp_avg_dtype: bf16}
    ```

    ## Fix
    Set them back, or switch the precision-aware optimizer on.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "OPT-05", #"master weights are fp32 or fp16"#,
    #"""
    ## What
    With the precision-aware optimizer `main_params_dtype` is fp32 or fp16, not bf16.

    ## Why
    Transformer Engine's FusedAdam has no bf16 masters: next to bf16 weights they would hold nothing more.

    ## Example
    ```yaml
    optimizer: {use_precision_aware_optimizer: true, main_params_dtype: bf16}
    ```

    ## Fix
    fp32; `store_param_remainders` keeps it to two bytes beside a bf16 weight.

    ## Source
    - 0.3.1: Transformer Engine 2.11 `pytorch/optimizers/fused_adam.py`.
    """#
  ),
  (
    "OPT-06", #"optimizer and model agree on the number format"#,
    #"""
    ## What
    Without a `mixed_precision` section, and with the precision-aware optimizer, `optimizer.bf16` and `optimizer.fp16`
    must say what `model.bf16` and `model.fp16` say.

    ## Why
    With the section, it overwrites both sides. Without, Megatron-Bridge compares them.

    ## Example
    ```yaml
    mixed_precision: null
    model: {bf16: true}
    optimizer: {use_precision_aware_optimizer: true, bf16: false}
    ```

    ## Fix
    Give a `mixed_precision` section.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_validate_mixed_precision_consistency`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "OPT-07", #"one switch of the distributed optimizer sets the other"#,
    #"""
    ## What
    Where one of `optimizer.use_distributed_optimizer` and `ddp.use_distributed_optimizer` is on, Megatron-Bridge sets both.

    ## Why
    The value written at the other place has no effect. And `comm_overlap` has looked at `ddp`'s switch before: with only
    the optimizer's set, gradients are not reduced while the backward pass goes on.

    ## Example
    ```yaml
    optimizer: {use_distributed_optimizer: true}
    ddp: {use_distributed_optimizer: false}
    ```

    ## Fix
    Set both alike.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_validate_and_sync_distributed_optimizer_settings`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "OPT-08", #"the distributed optimizer is Adam"#,
    #"""
    ## What
    `sgd` excludes `use_distributed_optimizer`, in `optimizer` and in `ddp`.

    ## Why
    Megatron's distributed optimizer knows the states of Adam only.

    ## Example
    ```yaml
    optimizer: {optimizer: sgd, use_distributed_optimizer: true}
    ```

    ## Fix
    Switch it off at both places.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/distrib_optimizer.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "OPT-09", #"learning rates are given and in order"#,
    #"""
    ## What
    `lr` and `min_lr` must be numbers with `0 <= min_lr <= lr`. For no decay to a lower end `min_lr` is 0, not `null`.

    ## Why
    Nothing looks at them before the optimizer is built, with the model already in memory; then `None` or a wrong order
    ends the run.

    ## Example
    ```yaml
    optimizer: {lr: 3.0e-5, min_lr: 3.0e-4}
    ```

    ## Fix
    Write both; `min_lr` is often a tenth of `lr`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.__init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "OPT-10", #"offloaded states need decoupled weight decay"#,
    #"""
    ## What
    `optimizer_cpu_offload` needs `decoupled_weight_decay`.

    ## Why
    Megatron's hybrid optimizer is AdamW.

    ## Example
    ```yaml
    optimizer: {optimizer_cpu_offload: true, decoupled_weight_decay: false}
    ```

    ## Fix
    Decouple the weight decay.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/__init__.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "OPT-14", #"offloaded shards hold 16-bit weights"#,
    #"""
    ## What
    `optimizer_cpu_offload` with the distributed optimizer needs weights in bf16 or fp16. Muon does not look at it.

    ## Why
    The hybrid optimizer is made of the shards of the weights. Those of 16-bit weights are copies in fp32; those of fp32
    weights are views, which PyTorch's optimizers refuse.

    ## Example
    ```yaml
    optimizer: {optimizer_cpu_offload: true, use_distributed_optimizer: true}
    mixed_precision: {fp32: true}
    ```

    ## Fix
    Train in bf16, or switch the offload off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/distrib_optimizer.py`, `__init__`;
      `optimizer/cpu_offloading/hybrid_optimizer.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "OPT-11", #"the scheduler's weight decay replaces the optimizer's"#,
    #"""
    ## What
    `optimizer.weight_decay` has no effect: from the first step on the scheduler sets `start_weight_decay`, moving to
    `end_weight_decay`.

    ## Why
    A weight decay that is changed here alone changes nothing. The documented Moonlight recipes write 0.1 in one place and
    0.033 in the other, so the run trains with 0.033; a config that keeps this pair is not told so again.

    ## Example
    ```yaml
    optimizer: {weight_decay: 0.05}
    scheduler: {start_weight_decay: 0.033, end_weight_decay: 0.033}
    ```

    ## Fix
    Write the value that is meant in all three fields.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `step`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "OPT-13", #"the early gather of the first chunk needs a second one"#,
    #"""
    ## What
    `overlap_param_gather_with_optimizer_step`, of `comm_overlap` where that is applied, of `optimizer` elsewhere, needs at
    least two model chunks on a rank: a virtual pipeline. Muon does not look at it.

    ## Why
    The weights of the first chunk are gathered while the optimizer works on the others.

    ## Example
    ```yaml
    comm_overlap: {overlap_param_gather_with_optimizer_step: true}   # PP 1
    ```

    ## Fix
    Switch it off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/__init__.py`, `get_megatron_optimizer`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "OPT-15", #"what is offloaded is more than nothing"#,
    #"""
    ## What
    `optimizer_cpu_offload` offloads the share `optimizer_offload_fraction` of the optimizer's states, which is 0 unless
    written. (On Megatron-LM's command line it is 1.) So `cpu_offloading` takes `cpu_offloading_num_layers`, which is 0.

    ## Why
    Nothing leaves the GPU, and the memory that was to be saved is missing in the first step.

    ## Example
    ```yaml
    optimizer: {optimizer_cpu_offload: true, use_precision_aware_optimizer: true}
    ```

    ## Fix
    `optimizer_offload_fraction: 1.0`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`; `optimizer/cpu_offloading/hybrid_optimizer.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MUON-02", #"Muon needs a package of its own"#,
    #"""
    ## What
    On a cluster Megatron's Muon needs the Python package `emerging_optimizers`; so do `adaptive_muon`, `soap` and `lion`.

    ## Why
    It is no dependency of Megatron-Core; without it the run ends when the optimizer is built.

    ## Example
    ```yaml
    optimizer: {optimizer: dist_muon}
    ```

    ## Fix
    Install it in the image. The CPU engine of this package has its own Muon.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`.
    - 0.5.1: megatron-core 0.18.2 `optimizer/__init__.py`, `_get_megatron_emerging_optimizer`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MUON-03", #"Muon excludes the distributed optimizer"#,
    #"""
    ## What
    `muon` and `dist_muon` need `use_distributed_optimizer` off, in `optimizer` and in `ddp`: either sets the other. From
    0.5.1 on Megatron no longer refuses plain `muon` there, which is then a warning, as are `adaptive_muon`, `soap` and
    `lion`.

    ## Why
    The distributed optimizer cuts weights into pieces of a buffer; Muon needs whole matrices. `dist_muon` spreads whole
    matrices over the replicas by itself. Where plain `muon` is let through, it steps on gradients of which each replica has
    reduced a part only, so that replicas drift apart.

    ## Example
    ```yaml
    optimizer: {optimizer: dist_muon}
    ddp: {use_distributed_optimizer: true}
    ```

    ## Fix
    Switch it off at both places.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`, `get_megatron_muon_optimizer`.
    - 0.5.1: megatron-core 0.18.2, `optimizer/__init__.py`, `_get_megatron_emerging_optimizer`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MUON-04", #"Muon excludes fp16"#,
    #"""
    ## What
    `muon` and `dist_muon` need bf16 or fp32, and so do `adaptive_muon`, `soap` and `lion`.

    ## Why
    Megatron's Muon has no loss scaling.

    ## Example
    ```yaml
    optimizer: {optimizer: muon}
    mixed_precision: fp16_mixed
    ```

    ## Fix
    `mixed_precision: bf16_mixed`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`, `get_megatron_muon_optimizer`.
    - 0.5.1: megatron-core 0.18.2 `optimizer/__init__.py`, `_get_megatron_emerging_optimizer`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MUON-05", #"Muon is not precision-aware"#,
    #"""
    ## What
    `muon` and `dist_muon` need `use_precision_aware_optimizer` off, and the formats of gradients, masters and moments
    at fp32; `adaptive_muon`, `soap` and `lion` as well.

    ## Why
    Only Adam keeps its states in other formats.

    ## Example
    ```yaml
    extends: moonlight_16b_pretrain_config   # precision-aware
    optimizer: {optimizer: dist_muon}
    ```

    ## Fix
    Begin with `extends: moonlight_16b_pretrain_muon_config`, or switch it off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MUON-06", #"Muon takes at least one Newton-Schulz step"#,
    #"""
    ## What
    `muon_num_ns_steps` must be at least 1.

    ## Why
    Without a step the update is not orthogonalised at all.

    ## Example
    ```yaml
    optimizer: {optimizer: muon, muon_num_ns_steps: 0}
    ```

    ## Fix
    5, as in the paper.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`, `TensorParallelMuon`.
    - 0.5.1: megatron-core 0.18.2 `optimizer/emerging_optimizers.py`, `TensorParallelMuon`.
    - 0.6.2: megatron-core 0.19.2 `optimizer/emerging_optimizers.py`, `TensorParallelMuon`.
    """#
  ),
  (
    "MUON-10", #"Muon is not set as in the paper"#,
    #"""
    ## What
    "Muon is Scalable for LLM Training", from which Moonlight comes, takes momentum 0.95 with Nesterov, five
    Newton-Schulz steps, and updates scaled by 0.2 √max(rows, columns), each over a whole matrix.

    ## Why
    Megatron's defaults are others: no Nesterov, a scale of 1, and blockwise, which orthogonalises the piece of each
    tensor-parallel rank by itself. With a scale of 1 the updates are five times those that Moonlight's learning
    rates were chosen for.

    ## Example
    ```yaml
    optimizer: {optimizer: muon, lr: 4.2e-4}   # muon_extra_scale_factor 1, muon_use_nesterov false
    ```

    ## Fix
    Begin with `extends: moonlight_16b_pretrain_muon_config`.

    ## Source
    arXiv 2502.16982, sections 2.2 and 3.
    - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MUON-11", #"Megatron-Core chooses the Newton-Schulz coefficients itself"#,
    #"""
    ## What
    `muon_coefficient_type` is no field of Megatron-Core before 0.18. Its Muon takes `quintic`, a schedule of five triples; the
    paper's one triple is `simple`.

    ## Why
    On a cluster the written value has no effect until a later version knows the field; the CPU engine of this package
    follows it.

    ## Example
    ```yaml
    optimizer: {optimizer: muon, muon_coefficient_type: simple}
    ```

    ## Fix
    None is needed: both make nearly orthogonal updates. For the paper's exactly, take a Megatron-Core that has the field.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`, `get_megatron_muon_optimizer` (not among its arguments) and
      `TensorParallelMuon` (default).
    """#
  ),
  (
    "MUON-15", #"Muon knows its coefficients"#,
    #"""
    ## What
    `muon_coefficient_type` is one of the types of the package emerging-optimizers: `simple`, `quintic`, `polar_express`, `cans`,
    `aol` or `deepseekv4`. Its seventh, `custom`, takes coefficients that no config can give.

    ## Why
    Megatron passes the name on, and the first step stops the run.

    ## Example
    ```yaml
    optimizer: {optimizer: muon, muon_coefficient_type: polar}
    ```

    ## Fix
    `simple` is the paper's, `quintic` Megatron's default.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `optimizer/emerging_optimizers.py`, `TensorParallelMuon`; emerging_optimizers 0.3.0
      `orthogonalized_optimizers/muon_utils.py`, `newton_schulz`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MUON-12", #"the Newton-Schulz steps fit their coefficients"#,
    #"""
    ## What
    A coefficient type is a schedule of so many steps: `quintic` 5, `aol` 4. With more, `quintic`, `aol` and `simple` begin
    with the first triple again, which is made for small singular values and not for those near 1 that the schedule has
    just reached; the others repeat their last triple. With fewer, small singular values stay small.

    ## Why
    The update's size and direction are no longer the ones that the learning rate was chosen for. The sixth step of `quintic`
    makes it 8 times smaller; the fifth of `aol` reverses it: 4.0098 - 7.0585 + 2.4635 = -0.5852, so that the run climbs.

    ## Example
    ```yaml
    optimizer: {optimizer: muon, muon_num_ns_steps: 6}   # quintic
    ```

    ## Fix
    As many steps as the schedule has triples, or a multiple of them.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`, `TensorParallelMuon`; emerging_optimizers
      `orthogonalized_optimizers/muon_utils.py`, `newton_schulz`.
    - 0.6.2: megatron-core 0.19.2 `optimizer/muon.py`; emerging_optimizers 0.3.0, `get_coefficient_iterator`.
    """#
  ),
  (
    "MUON-16", #"Muon steps the experts"#,
    #"""
    ## What
    With `moe_single_grouped_weight` the weights of a rank's experts are one tensor of three dimensions. Muon takes matrices alone, so Adam
    steps the experts.

    ## Why
    Nearly all parameters of a mixture of experts are the experts'. They would be trained by another optimizer than the one that is
    written, at a learning rate that was chosen for Muon's updates.

    ## Example
    ```yaml
    optimizer: {optimizer: muon}
    model: {moe_single_grouped_weight: true, use_transformer_engine_op_fuser: true}
    ```

    ## Fix
    `moe_single_grouped_weight: false`.

    ## Source
    - 0.6.2: megatron-core 0.19.2 `optimizer/emerging_optimizers.py`, `_is_nonlinear_or_embedding`; Transformer Engine 2.17
      `pytorch/tensor/grouped_tensor.py`, `GroupedTensor.__new__`.
    """#
  ),
  (
    "MUON-13", #"Muon's states stay on the GPU"#,
    #"""
    ## What
    `muon` and `dist_muon`, and `adaptive_muon`, `soap` and `lion`, exclude `optimizer_cpu_offload`, whatever the fraction.

    ## Why
    The optimizer of what is no matrix is made unwrapped, and that one cannot be offloaded.

    ## Example
    ```yaml
    optimizer: {optimizer: dist_muon, optimizer_cpu_offload: true}
    ```

    ## Fix
    Keep the states on the GPU; `use_layer_wise_distributed_optimizer` spreads them over the replicas.

    ## Source
    - 0.5.1: megatron-core 0.18.2, `optimizer/__init__.py`, `_get_megatron_optimizer_based_on_param_groups`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "MUON-14", #"the layer-wise optimizer gathers all chunks at once"#,
    #"""
    ## What
    `dist_muon`, like every `dist_` kind, or Muon with `use_layer_wise_distributed_optimizer`, excludes
    `overlap_param_gather_with_optimizer_step`, in `optimizer` or, where that section has the last word, in
    `comm_overlap`.

    ## Why
    The overlap gathers the weights of the first model chunk early; the layer-wise optimizer does not take the chunks apart.

    ## Example
    ```yaml
    optimizer: {optimizer: dist_muon, overlap_param_gather_with_optimizer_step: true}
    ```

    ## Fix
    Turn it off.

    ## Source
    - 0.5.1: megatron-core 0.18.2, `optimizer/__init__.py`, `_get_megatron_emerging_optimizer`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PREC-02", #"quantised formats fit together"#,
    #"""
    ## What
    fp8 and fp4 exclude each other. Gathering weights in mxfp8 (`fp8_param_gather` with `fp8_recipe: mxfp8`) needs
    `reuse_grad_buf_for_mxfp8_param_ag`, and that needs `fp8_param_gather`.

    ## Why
    mxfp8 weights are gathered through the gradient buffer; there is no other buffer for them.

    ## Example
    ```yaml
    mixed_precision: {bf16: true, fp8: e4m3, fp8_recipe: mxfp8, fp8_param_gather: true}
    ```

    ## Fix
    Begin with a named recipe, such as `mixed_precision: bf16_with_mxfp8_mixed`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/mixed_precision.py`, `finalize`; megatron-core 0.16.1
      `distributed/distributed_data_parallel_config.py`.
    - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
    - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PREC-03", #"fp8 settings have fp8 to apply to"#,
    #"""
    ## What
    `fp8_param_gather` needs `fp8`, `model.fp4_param` and `fp4_param_gather`, which 0.5.1 brought, need `fp4`, and without `mixed_precision` `model.fp8_param` needs
    `model.fp8`. With `fp8`: its format is e4m3 or hybrid and its recipe one that Megatron knows;
    `first_last_layers_bf16` excludes the delayed recipe, and each of its two counts lies between 0 and
    `num_layers / pipeline_model_parallel_size`; the custom recipe names its factory.

    ## Why
    Megatron checks these when it builds the model's configuration; format and recipe in the first forward pass.

    ## Example
    ```yaml
    mixed_precision: {bf16: true, fp8_param_gather: true}   # fp8 is null
    ```

    ## Fix
    Begin with a named recipe, such as `mixed_precision: bf16_with_fp8_current_scaling_mixed`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer/transformer_config.py`, `__post_init__`; `fp8_utils.py`,
      `get_fp8_recipe`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PREC-05", #"loss scales can scale"#,
    #"""
    ## What
    `loss_scale`, if it is given and not 0, is above 0. Without one, fp16 scales by itself: `min_loss_scale`,
    `loss_scale_window` and `hysteresis` are above 0, and `initial_loss_scale` is at least `min_loss_scale`.

    ## Why
    Megatron checks them when it makes the optimizer, bf16 or not. Where Muon's layers are divided over the replicas it makes
    none that scales, and reads none of them.

    ## Example
    ```yaml
    mixed_precision: {bf16: true, loss_scale: -1.0}
    ```

    ## Fix
    Remove the field.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer/__init__.py`; `optimizer/grad_scaler.py`; `optimizer/muon.py` (takes bf16 off for
      the layers' Adam).
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same; `optimizer/__init__.py`, `skip_megatron_wrapping`.
    """#
  ),
  (
    "PREC-04", #"`mixed_precision` has the last word"#,
    #"""
    ## What
    Number formats written in `model`, `parallelism` or `ddp` are overwritten by the fields of the same name in
    `mixed_precision`, defaults included.

    ## Why
    Megatron-Bridge copies every field of the section over the others before anything is checked. A
    `ddp.grad_reduce_in_fp32` or `model.params_dtype` that differs is silently lost.

    ## Example
    ```yaml
    mixed_precision: bf16_mixed          # grad_reduce_in_fp32: true
    ddp: {grad_reduce_in_fp32: false}
    ```

    ## Fix
    Write the value in `mixed_precision`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/mixed_precision.py`, `update_config_with_precision_overrides`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PREC-08", #"number formats and their settings stand in `mixed_precision`"#,
    #"""
    ## What
    Where `mixed_precision` is present, every field of `model`, `optimizer` and `ddp` that it has too is overwritten, by its
    defaults where it says nothing: `fp8`, `fp4`, `fp8_recipe`, `fp8_param`, `params_dtype`, `loss_scale` and so on. A setting
    of a format counts where the format is on, and where it is not what the release has for it anyway.

    ## Why
    A run that was to compute in fp8 computes in bf16, at its speed and in its memory; one in fp16 begins with another loss
    scale than is written.

    ## Example
    ```yaml
    model: {fp8: hybrid}
    mixed_precision: bf16_mixed
    ```

    ## Fix
    Write it in `mixed_precision`, as in `mixed_precision: bf16_with_fp8_current_scaling_mixed`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/mixed_precision.py`, `update_config_with_precision_overrides`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PREC-06", #"the head is computed in fp8 where all else is mxfp8"#,
    #"""
    ## What
    `model.fp8_output_proj` needs `fp8` and the recipe `mxfp8`.

    ## Why
    The head's kernel is written for mxfp8's blocks.

    ## Example
    ```yaml
    model: {fp8_output_proj: true}
    mixed_precision: bf16_mixed
    ```

    ## Fix
    `mixed_precision: bf16_with_mxfp8_mixed`, or remove it.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DDP-01", #"weights are gathered early only with the distributed optimizer"#,
    #"""
    ## What
    `ddp.overlap_param_gather` has no effect without the distributed optimizer or, where the release has that switch, the
    layer-wise one.

    ## Why
    Without them every replica has all weights already: there is nothing to gather.

    ## Example
    ```yaml
    optimizer: {optimizer: dist_muon, use_distributed_optimizer: false}
    ddp: {overlap_param_gather: true, use_distributed_optimizer: false}
    ```

    ## Fix
    Switch it off.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `distributed/distributed_data_parallel.py`.
    - 0.5.1: megatron-core 0.18.2, the same, `DistributedDataParallel.__init__` (also the layer-wise optimizer).
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DDP-02", #"fp32 accumulation needs one optimizer instance"#,
    #"""
    ## What
    `reduce_scatter_with_fp32_accumulation` excludes `num_distributed_optimizer_instances` above 1.

    ## Why
    Megatron's reduce-scatter with fp32 accumulation knows one group of replicas.

    ## Example
    ```yaml
    ddp: {reduce_scatter_with_fp32_accumulation: true, num_distributed_optimizer_instances: 2}
    ```

    ## Fix
    Give up one of the two.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `distributed/param_and_grad_buffer.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DDP-03", #"user buffers exclude expandable segments"#,
    #"""
    ## What
    `ddp.nccl_ub` excludes `expandable_segments:True` in `PYTORCH_CUDA_ALLOC_CONF`.

    ## Why
    PyTorch's memory pools, in which the buffers are registered, do not work with expandable segments.

    ## Example
    ```yaml
    ddp: {nccl_ub: true}
    env_vars: {PYTORCH_CUDA_ALLOC_CONF: "expandable_segments:True"}
    ```

    ## Fix
    Give up one of the two. The variable may also come from the cluster's environment, which is not seen here.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `distributed/distributed_data_parallel_config.py`.
    """#
  ),
  (
    "DDP-08", #"user buffers switch NVLS on"#,
    #"""
    ## What
    With `ddp.nccl_ub` `NCCL_NVLS_ENABLE` is not 0.

    ## Why
    Where Megatron makes the buffers it sets the variable to 1, whatever it was. Groups of ranks that NCCL connects from then
    on may reduce in the switches, which somebody wanted to prevent.

    ## Example
    ```yaml
    ddp: {nccl_ub: true}
    env_vars: {NCCL_NVLS_ENABLE: "0"}
    ```

    ## Fix
    Give up one of the two. The variable may also come from the cluster's environment, which is not seen here.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `nccl_allocator.py`, `init`, called in `distributed/param_and_grad_buffer.py`, line 755, and
      in Megatron-FSDP's.
    - 0.5.1: megatron-core 0.18.2, the same in line 1070.
    - 0.6.2: megatron-core 0.19.2, the same in line 1131.
    """#
  ),
  (
    "DDP-09", #"weights on the meta device need Megatron-FSDP"#,
    #"""
    ## What
    `model.init_model_with_meta_device` comes with Megatron-FSDP.

    ## Why
    It makes the weights without memory. Megatron-FSDP gives them some, shard by shard; nothing else in Megatron-Bridge does,
    and the model is not moved to the GPU either. The distributed optimizer then stops with "Cannot copy out of meta tensor"
    where it moves the weights into its buffers.

    ## Example
    ```yaml
    model: {init_model_with_meta_device: true}   # ddp.use_megatron_fsdp: false
    ```

    ## Fix
    Leave it out.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `models/model_provider.py`, `get_model`, line 580, and `models/gpt_provider.py`, line 254;
      megatron-core 0.16.1 `extensions/transformer_engine.py`, `_get_extra_te_kwargs`, and
      `distributed/param_and_grad_buffer.py`, line 834.
    - 0.5.1: megatron-bridge 0.5.1, the same in lines 629 and 269; megatron-core 0.18.2.
    - 0.6.2: megatron-bridge 0.6.2, the same in lines 686 and 274; megatron-core 0.19.2.
    """#
  ),
  (
    "DDP-07", #"Megatron-FSDP has what it asks for"#,
    #"""
    ## What
    With Megatron-FSDP `CUDA_DEVICE_MAX_CONNECTIONS` is not 1, `ddp.fsdp_manual_registration` comes with `ddp.nccl_ub`, and with the sharding
    `optim_grads_params` `train.check_weight_hash_across_dp_replicas_interval` is null. The distributed optimizer is switched on, whatever is
    written.

    ## Why
    Megatron-Bridge refuses the first three. With one connection the gathering of weights would wait for the kernels that it is to run beside,
    and replicas that share the weights have no two copies to compare.

    ## Example
    ```yaml
    ddp: {use_megatron_fsdp: true}
    env_vars: {CUDA_DEVICE_MAX_CONNECTIONS: "1"}
    ```

    ## Fix
    Leave `CUDA_DEVICE_MAX_CONNECTIONS` out.

    ## Source
    - 0.5.1: megatron-bridge 0.5.1 `training/config.py`, `_validate_and_apply_megatron_fsdp_configs`.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "DDP-04", #"averages in the collective survive rounding"#,
    #"""
    ## What
    With `average_in_collective`, (replicas of the experts / (replicas x CP)) / replicas of the experts must be
    1 / (replicas x CP) as 64-bit floats, bit by bit. For 11 of 33, 7 of 35 or 3 of 39 it is not; powers of two are safe.

    ## Why
    Megatron-Core compares the two with `==` when it wraps the model, whether there are experts or not. It does not with
    `calculate_per_token_loss` or with more than one optimizer instance.

    ## Example
    ```yaml
    ddp: {average_in_collective: true}   # 33 replicas with EP 3
    ```

    ## Fix
    Switch it off; gradients are then scaled before they are summed.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `distributed/distributed_data_parallel.py`, `_allocate_buffers_for_parameters`.
    - 0.5.1: megatron-core 0.18.2 `distributed/distributed_data_parallel.py`, `__init__`.
    - 0.6.2: megatron-core 0.19.2 `distributed/distributed_data_parallel.py`, `__init__`.
    """#
  ),
  (
    "DDP-05", #"buckets are counted or sized, not both"#,
    #"""
    ## What
    `ddp.num_buckets` is above 0, and excludes `bucket_size`. Where `comm_overlap` is given and `ddp.use_distributed_optimizer` on,
    Megatron-Bridge sets a bucket size of its own on more than one replica, which counts.

    ## Why
    The size of a bucket follows from their number, or the number from the size.

    ## Example
    ```yaml
    ddp: {num_buckets: 8, bucket_size: 40000000}
    ```

    ## Fix
    Remove one of the two; with `comm_overlap`, `num_buckets`.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `distributed/distributed_data_parallel_config.py`, `__post_init__`; megatron-bridge 0.5.1
      `training/comm_overlap.py`.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "DDP-06", #"parameters are named for fp32 accumulation where the rest has none"#,
    #"""
    ## What
    `ddp.param_name_patterns_for_fp32_local_accumulation` needs `grad_reduce_in_fp32` off, which `mixed_precision` decides.

    ## Why
    With it on, all gradients are kept in fp32 already.

    ## Example
    ```yaml
    mixed_precision: {grad_reduce_in_fp32: true}
    ddp: {param_name_patterns_for_fp32_local_accumulation: [router]}
    ```

    ## Fix
    Remove the patterns, or reduce in bf16.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `distributed/distributed_data_parallel_config.py`, `__post_init__`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "SCHED-01", #"a ramp-up shortens what the schedule sees"#,
    #"""
    ## What
    Megatron counts schedules in samples, each step as one full `global_batch_size`. The steps of a ramp-up take fewer, so
    the run ends before the schedule does.

    ## Why
    The learning rate of the last step is above `min_lr`; of a WSD schedule a part of the last phase is missing.

    ## Example
    ```yaml
    train: {train_iters: 1000, global_batch_size: 2048, rampup_batch_size: [256, 256, 1000000]}
    ```

    ## Fix
    More steps, or a shorter decay.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_calculate_scheduler_steps`; `training/train.py`.
    """#
  ),
  (
    "SCHED-02", #"a schedule is counted in steps or in samples"#,
    #"""
    ## What
    The fields of one unit (`lr_decay_iters`, `lr_warmup_iters`, `lr_wsd_decay_iters`) and of the other (`lr_decay_samples`,
    `lr_warmup_samples`, `lr_wsd_decay_samples`) exclude each other.

    ## Why
    Megatron-Bridge computes all lengths in the unit of the run, and refuses a mixture.

    ## Example
    ```yaml
    scheduler: {lr_decay_iters: 500000, lr_warmup_samples: 100000}
    ```

    ## Fix
    Use the unit in which the length of the run is given.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "SCHED-03", #"the warm-up is given once"#,
    #"""
    ## What
    `lr_warmup_fraction` excludes a non-zero `lr_warmup_iters` or `lr_warmup_samples`.

    ## Why
    Each says how long the warm-up is.

    ## Example
    ```yaml
    extends: moonlight_16b_pretrain_config   # lr_warmup_iters: 2000
    scheduler: {lr_warmup_fraction: 0.01}
    ```

    ## Fix
    Set the other to 0.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "SCHED-04", #"the schedule is counted like the run"#,
    #"""
    ## What
    With `train_samples` the schedule is given in samples, with `train_iters` in steps.

    ## Why
    Megatron-Bridge refuses the other unit rather than convert it.

    ## Example
    ```yaml
    train: {train_samples: 1000000}
    scheduler: {lr_warmup_iters: 2000}
    ```

    ## Fix
    Multiply steps by the global batch.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_validate_training_scheduler_compatibility`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "SCHED-05", #"the warm-up ends before the decay"#,
    #"""
    ## What
    The warm-up must be shorter than the decay, and the decay longer than 0. A longer warm-up is cut to one sample less
    than the decay.

    ## Why
    A warm-up made for a long run stays behind when the run is shortened. The run then does nothing but warm up, and
    never sees its decay. Releases before 0.3 refused it.

    ## Example
    ```yaml
    train: {train_iters: 20}
    scheduler: {lr_warmup_iters: 50}
    ```

    ## Fix
    Shorten the warm-up with the run; a hundredth to a tenth of it is usual.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_calculate_scheduler_steps`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "SCHED-06", #"both ends of the weight decay are given and in order"#,
    #"""
    ## What
    `start_weight_decay` and `end_weight_decay` must be numbers, with `0 <= start <= end`.

    ## Why
    Their defaults are `None`, which the scheduler cannot compare. A weight decay that falls is not supported.

    ## Example
    ```yaml
    scheduler: {start_weight_decay: 0.1, end_weight_decay: 0.033}
    ```

    ## Fix
    For a constant weight decay write the same number twice.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`; megatron-core 0.16.1
      `optimizer_param_scheduler.py`.
    - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
    - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
    """#
  ),
  (
    "SCHED-07", #"a constant weight decay ends where it starts"#,
    #"""
    ## What
    `weight_decay_incr_style: constant` needs `start_weight_decay` and `end_weight_decay` to be equal.

    ## Why
    Megatron asserts it when the scheduler is built, with the model in memory.

    ## Example
    ```yaml
    scheduler: {start_weight_decay: 0.033, end_weight_decay: 0.1, weight_decay_incr_style: constant}
    ```

    ## Fix
    Make them equal, or say `linear` or `cosine`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `get_wd`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "SCHED-08", #"WSD says how long its last phase is"#,
    #"""
    ## What
    `lr_decay_style: WSD` needs `lr_wsd_decay_iters`, or `lr_wsd_decay_samples` where the run is counted in samples.

    ## Why
    Warm-up, stable, decay: only the last phase's length says where the second ends.

    ## Example
    ```yaml
    scheduler: {lr_decay_style: WSD}
    ```

    ## Fix
    A tenth of the run is usual.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.__init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "SCHED-14", #"the last phase of WSD is not longer than the decay"#,
    #"""
    ## What
    `lr_wsd_decay_iters` (or `lr_wsd_decay_samples`) is more than the decay of which it is the last phase.

    ## Why
    Every release takes it: the phase ends with the decay, so it begins before the run does, and from the first step behind
    the warm-up on the learning rate is below `lr`.

    ## Example
    ```yaml
    train: {train_iters: 1000}
    scheduler: {lr_decay_style: WSD, lr_wsd_decay_iters: 10000}
    ```

    ## Fix
    A tenth of the run is usual.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.get_lr`, where the phase begins at
      `lr_decay_steps - wsd_decay_steps`, which nothing asks to be positive.
    - 0.5.1: the same of megatron-core 0.18.2.
    - 0.6.2: the same of megatron-core 0.19.2.
    """#
  ),
  (
    "SCHED-10", #"the warm-up rises"#,
    #"""
    ## What
    `lr_warmup_init` must not be above `lr`.

    ## Why
    Megatron asserts it when the scheduler is built.

    ## Example
    ```yaml
    optimizer: {lr: 3.0e-4}
    scheduler: {lr_warmup_init: 1.0e-3}
    ```

    ## Fix
    0 is usual.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `optimizer_param_scheduler.py`, `OptimizerParamScheduler.__init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "SCHED-11", #"on resuming, one schedule wins"#,
    #"""
    ## What
    `override_opt_param_scheduler` (this file's schedule wins) and `use_checkpoint_opt_param_scheduler` (the checkpoint's
    wins) exclude each other. With neither, resuming needs both to be the same.

    ## Why
    Megatron asserts it at start-up.

    ## Example
    ```yaml
    extends: moonlight_16b_pretrain_config   # override_opt_param_scheduler: true
    scheduler: {use_checkpoint_opt_param_scheduler: true}
    ```

    ## Fix
    Switch one off.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `SchedulerConfig.finalize`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "SCHED-12", #"the decay is as long as the run"#,
    #"""
    ## What
    `lr_decay_iters` differs from `train_iters` (or the two in samples). With a ramp-up the run counts as many steps as it
    takes whole batches; a decay beyond these is SCHED-01's.

    ## Why
    With a longer decay the run ends before the learning rate is at `min_lr`; with a shorter one it trains on at `min_lr`.
    Both can be meant, but usually one of the two was changed and the other forgotten.

    ## Example
    ```yaml
    train: {train_iters: 100000}
    scheduler: {lr_decay_iters: 500000}
    ```

    ## Fix
    Leave `lr_decay_iters` out: it is derived from the run.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_calculate_scheduler_steps`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    """#
  ),
  (
    "SCHED-13", #"the run that a schedule is cut from is longer"#,
    #"""
    ## What
    `scheduler.max_steps` is above 0, at least `train_iters`, and not for a run that is counted in samples.

    ## Why
    It says of how many steps the first ones are run: learning rate and weight decay follow the longer run's schedule, whatever
    `lr_decay_iters` is.

    ## Example
    ```yaml
    train: {train_iters: 1000}
    scheduler: {max_steps: 500}
    ```

    ## Fix
    Remove it, unless the run is a part of a longer one.

    ## Source
    - 0.6.2: megatron-bridge 0.6.2 `training/config.py`, `SchedulerConfig.finalize`, `_calculate_scheduler_steps`.
    """#
  ),
  (
    "DATA-01", #"data are named, or made up on purpose"#,
    #"""
    ## What
    `dataset.kind` of `jsonl`, `tokens` or `indexed` needs `data_paths`. With `mock` paths are not read, and `split` is
    always `1,1,1`.

    ## Why
    Megatron takes a missing blend for a wish for mock data, and trains on noise without a word. The CPU engine has
    nothing to read.

    ## Example
    ```yaml
    dataset: {kind: indexed}   # no data_paths
    ```

    ## Fix
    Name the data, or say `kind: mock`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DATA-02", #"a blend is complete"#,
    #"""
    ## What
    `data_paths` need a `split`, unless validation or test data are named of their own. And either all paths have a weight
    or none has one.

    ## Why
    One blend serves training, validation and test, and has to be shared out.

    ## Example
    ```yaml
    dataset:
      data_paths: [{path: web_text_document, weight: 0.7}, code_text_document]   # the second has no weight
    ```

    ## Fix
    Without `split`, `9999,8,2` is derived; without weights, sources count by their size.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DATA-10", #"every source of a blend counts"#,
    #"""
    ## What
    Weights in `data_paths`, `valid_data_paths` and `test_data_paths` must be above 0; a single source's as well.

    ## Why
    Megatron refuses a source that no sample would be drawn from, when it blends the data.

    ## Example
    ```yaml
    dataset: {data_paths: [{path: web_text_document, weight: 1}, {path: code_text_document, weight: 0}]}
    ```

    ## Fix
    Leave the source out.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/blended_dataset.py`, `BlendedDataset`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DATA-03", #"data named for each split are not split"#,
    #"""
    ## What
    `valid_data_paths` and `test_data_paths` exclude `split`. (Written in Megatron's own form, `blend_per_split` holds
    exactly three blends and excludes `blend` and `split`.)

    ## Why
    There is nothing left to share out; Megatron refuses the contradiction.

    ## Example
    ```yaml
    dataset: {data_paths: [train_document], valid_data_paths: [valid_document], split: "99,1,0"}
    ```

    ## Fix
    Remove `split`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DATA-04", #"the split names shares"#,
    #"""
    ## What
    `split` holds one to three numbers of at least 0, not all 0: the shares of training, validation and test. Megatron takes
    every run of digits and points for a number and ignores all else, minus signs included.

    ## Why
    More than three numbers are refused; none, or zeros alone, make shares that are not numbers. A share of 0 for training
    means that nothing is trained.

    ## Example
    ```yaml
    dataset: {split: "90,5,3,2"}
    ```

    ## Fix
    `9999,8,2`, or `100,0,0` to train on everything.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `parse_and_normalize_split`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DATA-17", #"every set with a share has documents"#,
    #"""
    ## What
    `split` divides the documents of each dataset, not its tokens: a set gets those between its running shares times their
    number, both rounded. Of few documents a small share is none. Where the `.idx` can be read, its documents are counted.

    ## Why
    A set with a share is built whether or not it is evaluated. Without documents its index is repeated until it has enough
    samples, which never ends; in a blend without weights Megatron refuses it. The CPU engine builds a set only where it is
    evaluated.

    ## Example
    ```yaml
    dataset: {data_paths: [small_text_document], split: "9999,8,2"}   # 100 documents: 100, 0, 0
    ```

    ## Fix
    Larger shares, or a share of 0 for a set that is not needed.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_builder.py`, `_build_megatron_dataset_splits`;
      `datasets/gpt_dataset.py`, `_get_num_epochs`; `datasets/blended_dataset.py`, `__init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DATA-05", #"positions and masks at ends of documents are decided"#,
    #"""
    ## What
    `reset_position_ids`, `reset_attention_mask` and `eod_mask_loss` are true or false, not null.

    ## Why
    Megatron's classes default to `None` and refuse it.

    ## Example
    ```yaml
    dataset: {reset_position_ids: null}
    ```

    ## Fix
    `false`, as in the recipes.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `GPTDatasetConfig.finalize`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "DATA-06", #"fast starts need a cache"#,
    #"""
    ## What
    `fast_cache_load` and `defer_npy_index_mmap` need `path_to_cache`; the first also needs data named for each split.

    ## Why
    Both skip the building of sample indices and read them from the cache.

    ## Example
    ```yaml
    dataset: {defer_npy_index_mmap: true}
    ```

    ## Fix
    Name the cache.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DATA-07", #"the loader is one that Megatron knows, and fits the batch"#,
    #"""
    ## What
    `dataloader_type` must not be null. `batch`, which samples whole global batches, needs `global_batch_size` to be a
    multiple of micro batch times replicas even where `decrease_batch_size_if_needed` would round it down.

    ## Why
    Null is the default of Megatron-Bridge's class, and refused by it. The batch sampler does its own division.

    ## Example
    ```yaml
    dataset: {dataloader_type: null}
    ```

    ## Fix
    `single` for pretraining, `batch` for finetuning.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `data/samplers.py`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "DATA-09", #"workers that stay need workers"#,
    #"""
    ## What
    `persistent_workers` needs `num_workers` above 0.

    ## Why
    PyTorch's DataLoader refuses it otherwise.

    ## Example
    ```yaml
    dataset: {num_workers: 0, persistent_workers: true}
    ```

    ## Fix
    Switch `persistent_workers` off.

    ## Source
    - 0.3.1: torch `utils/data/dataloader.py`; megatron-bridge 0.3.1 `data/samplers.py`.
    """#
  ),
  (
    "DATA-13", #"examples are for finetuning"#,
    #"""
    ## What
    `recipe.mode: pretrain` with `dataset.kind: sft`.

    ## Why
    It is accepted, and trains random weights on prompts and completions, with loss on the completions only.

    ## Example
    ```yaml
    recipe: {mode: pretrain}
    dataset: {kind: sft, data_paths: [chat.jsonl]}
    ```

    ## Fix
    `mode: sft`, with `checkpoint.pretrained_checkpoint`; or text for pretraining.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/pretrain.py`, `training/finetune.py`.
    """#
  ),
  (
    "DATA-11", #"finetuning has examples"#,
    #"""
    ## What
    `dataset.kind: sft` needs `data_paths`, or `dataset_name` of a Hugging Face dataset, which only Megatron downloads.

    ## Why
    There is nothing to train on otherwise.

    ## Example
    ```yaml
    dataset: {kind: sft, dataset_name: null}
    ```

    ## Fix
    Name a directory or JSONL files of examples.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `data/builders/finetuning_dataset.py`.
    """#
  ),
  (
    "DATA-12", #"Megatron reads indexed data"#,
    #"""
    ## What
    On a cluster, pretraining data of the kinds `jsonl` and `tokens` are text that Megatron does not read: its datasets are
    `.bin`/`.idx` pairs.

    ## Why
    The CPU engine tokenises as it reads; Megatron wants it done before.

    ## Example
    ```yaml
    cluster: {num_nodes: 2}
    dataset: {data_paths: [corpus.jsonl]}
    ```

    ## Fix
    `moonlight-trainer prepare` writes the pair; then name its prefix.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/indexed_dataset.py`.
    - 0.5.1: megatron-core 0.18.2, the same.
    """#
  ),
  (
    "DATA-14", #"what is read is there"#,
    #"""
    ## What
    The files that `data_paths`, `valid_data_paths` and `tokenizer_model` name must be there and readable: of indexed data
    the `.idx` and the `.bin`, of a folder of examples its `training.jsonl`.

    ## Why
    Nothing can be trained otherwise. `moonlight validate` looks at no data, which may be on another machine; the trainer
    does, before it starts.

    ## Example
    ```yaml
    dataset: {data_paths: [no.jsonl]}
    ```

    ## Fix
    Write the path as it is from the directory in which the trainer is started, or from the root.

    ## Source
    This package: the trainer reads these files.
    """#
  ),
  (
    "DATA-20", #"a path names something"#,
    #"""
    ## What
    `data_paths`, `valid_data_paths`, `test_data_paths` and `pretrained_checkpoint` are not empty. A number among paths
    without weights is a warning.

    ## Why
    An empty path is what a variable that is not set leaves on a command line. Megatron stops where it opens data of that
    name; an empty `pretrained_checkpoint` stands for the directory in which the run is started. A number is a weight that
    lost its path: of an odd number of words Megatron takes each for a path.

    ## Example
    ```yaml
    checkpoint: {pretrained_checkpoint: ""}   # --pretrained-checkpoint "$CHECKPOINT"
    ```

    ## Fix
    Write the path, or leave the field out.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/indexed_dataset.py`, `IndexedDataset.initialize`, and
      `datasets/utils.py`, `get_blend_from_list`; megatron-bridge 0.3.1 `training/utils/checkpoint_utils.py`,
      `checkpoint_exists`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same; `training/config.py` there refuses a
      `pretrained_checkpoint` that does not exist.
    """#
  ),
  (
    "DATA-15", #"settings of a Hugging Face dataset have one to apply to"#,
    #"""
    ## What
    `hf_output_root`, `hf_rewrite`, `hf_validation_dataset` and `hf_test_dataset` need `dataset_name`, and no `data_paths`. With a
    `dataset_name`, `hf_validation_proportion` is above 0 and below 1 where something is evaluated, and excludes
    `hf_validation_dataset`. `dataset_kwargs` does not hold `max_num_samples`, nor, beside `preprocessing`, what that says.

    ## Why
    Megatron-Bridge refuses a setting that it would pass over.

    ## Example
    ```yaml
    dataset: {kind: sft, data_paths: [/data/sft], hf_rewrite: true}
    ```

    ## Fix
    Remove it.

    ## Source
    - 0.6.2: megatron-bridge 0.6.2 `data/builders/gpt_sft.py`, `GPTSFTDatasetConfig.validate`.
    """#
  ),
  (
    "DATA-16", #"a blend holds a batch"#,
    #"""
    ## What
    A blend of several sources is as long as the run: with `train_samples` below `global_batch_size` the run does not start.
    And where a share of it is for validation, `eval_iters` is above 0 and `eval_interval` 0 or null, no sample of it is asked
    for, which ends the run as well.

    ## Why
    The loaders refuse a set without a batch, or without a sample.

    ## Example
    ```yaml
    train: {train_samples: 1000, global_batch_size: 2048}
    dataset: {kind: indexed, data_paths: [a, b]}
    ```

    ## Fix
    Train on at least a batch; `eval_iters: 0` switches evaluation off.

    ## Source
    - 0.5.1: megatron-bridge 0.5.1 `data/loaders.py`, `build_train_valid_test_data_loaders`; `data/samplers.py`.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "DATA-18", #"a finetuning run holds a batch"#,
    #"""
    ## What
    Examples of finetuning are drawn as often as `train_samples` says, which must be at least `global_batch_size`.

    ## Why
    The loader refuses a set that holds less than one global batch.

    ## Example
    ```yaml
    train: {train_samples: 100, global_batch_size: 128}
    dataset: {kind: sft}
    ```

    ## Fix
    Train on at least a batch, or take a smaller one. From 0.6.2 on, `dataset.drop_last: false` keeps what does not fill one.

    ## Source
    - 0.5.1: megatron-bridge 0.5.1 `data/loaders.py`, `build_train_valid_test_data_loaders`.
    - 0.6.2: megatron-bridge 0.6.2, the same, where `drop_last` is true.
    """#
  ),
  (
    "DATA-19", #"documents of one sample see each other"#,
    #"""
    ## What
    `reset_attention_mask` and `reset_position_ids` make masks and positions that begin anew at each end of a document. With
    Transformer Engine's attention, which is causal and takes no mask, the former does nothing; with rotary positions, which are
    counted along the sample, nor does the latter.

    ## Why
    The run is the one without the switches: tokens attend to the documents before theirs. Only the loss at the end of a
    document can be left out, by `eod_mask_loss`.

    ## Example
    ```yaml
    dataset: {kind: indexed, data_paths: [/data/text], reset_attention_mask: true}
    ```

    ## Fix
    Leave them false. Documents are kept apart where examples are packed for finetuning.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/gpt_dataset.py`, `_get_ltor_masks_and_position_ids`;
      `models/gpt/gpt_layer_specs.py` (`AttnMaskType.causal`); `models/gpt/gpt_model.py`, `_preprocess` (positions go into
      learned embeddings alone).
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PACK-01", #"packed sequences come one at a time"#,
    #"""
    ## What
    Finetuning with `packed_sequence_size` above 0 needs `micro_batch_size` 1.

    ## Why
    A pack is a micro-batch already: several examples in one row.

    ## Example
    ```yaml
    train: {micro_batch_size: 4, global_batch_size: 128}
    dataset: {kind: sft, packed_sequence_size: 4096}
    ```

    ## Fix
    The same work: micro batch 1, the global batch divided by 4, packs of 16384.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PACK-02", #"packing within a batch needs several sequences"#,
    #"""
    ## What
    `pack_sequences_in_batch` needs `micro_batch_size` above 1. Since 0.6.2 the class of examples does not have it.

    ## Why
    It joins the sequences of one micro-batch.

    ## Example
    ```yaml
    train: {micro_batch_size: 1}
    dataset: {pack_sequences_in_batch: true}
    ```

    ## Fix
    A larger micro batch, or `packed_sequence_size`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    """#
  ),
  (
    "PACK-03", #"packed files are NumPy files"#,
    #"""
    ## What
    `packed_train_data_path` and `packed_val_data_path` end in `.npy`; since 0.5.1 in `.npy`, `.parquet` or `.pq`, or are a folder or
    a pattern of Parquet files.

    ## Why
    Megatron-Bridge refuses others when the config is made. It also wants them to exist, which is not looked at here.

    ## Example
    ```yaml
    dataset: {kind: sft, packed_sequence_size: 4096, packed_train_data_path: packed/train.jsonl}
    ```

    ## Fix
    Name the file that Bridge's packing has written.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `data/datasets/packed_sequence.py`, `PackedSequenceSpecs.__post_init__`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2 `data/packing/config.py`.
    """#
  ),
  (
    "PACK-04", #"a pack holds the longest example"#,
    #"""
    ## What
    `packed_sequence_size` is smaller than `seq_length`.

    ## Why
    Examples are cut at `seq_length` and then packed; nothing compares the two. What is longer than a pack is lost.

    ## Example
    ```yaml
    model: {seq_length: 8192}
    dataset: {kind: sft, packed_sequence_size: 4096}
    ```

    ## Fix
    Make them equal.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `data/datasets/packed_sequence.py`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    """#
  ),
  (
    "PACK-05", #"packing beforehand is switched on with all it needs"#,
    #"""
    ## What
    `dataset.enable_offline_packing` and a `packed_sequence_size` above 0 go together, exclude `enable_in_batch_packing`, and
    `max_single_sequence_length` is in between 1 and that size. `pad_cu_seqlens` needs packs padded to one length
    (`dataset_kwargs: {pad_to_max_length: true}`, which an export writes unless it is false), and so does a CUDA graph; one
    that holds attention needs `pad_cu_seqlens` as well.

    ## Why
    A switch without sizes, or sizes without the switch, would leave open which of them was meant.

    ## Example
    ```yaml
    dataset: {kind: sft, enable_offline_packing: true, packed_sequence_size: 0}
    ```

    ## Fix
    Write `packed_sequence_size` alone: the switch follows from it.

    ## Source
    - 0.6.2: megatron-bridge 0.6.2 `training/config.py`, `ConfigContainer.validate`; `data/packing/config.py`;
      `data/builders/gpt_sft.py`.
    """#
  ),
  (
    "TOK-01", #"a tokenizer without files says how many tokens there are"#,
    #"""
    ## What
    `NullTokenizer` needs `vocab_size`; where it is not written it is the model's.

    ## Why
    Nobody else knows it.

    ## Example
    ```yaml
    model: {vocab_size: null}
    tokenizer: {tokenizer_type: NullTokenizer}
    ```

    ## Fix
    Write `model.vocab_size`, or the tokenizer's.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/tokenizers/utils.py`.
    """#
  ),
  (
    "TOK-02", #"there is a tokenizer"#,
    #"""
    ## What
    `tokenizer.tokenizer_type` must not be null.

    ## Why
    Megatron-Bridge builds a tokenizer in every run, for the size of the vocabulary.

    ## Example
    ```yaml
    tokenizer: {tokenizer_model: moonshotai/Moonlight-16B-A3B}   # no tokenizer_type
    ```

    ## Fix
    `NullTokenizer` for data that are tokens already, `HuggingFaceTokenizer` for text.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/tokenizers/tokenizer.py`, `build_tokenizer`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "TOK-03", #"a Hugging Face tokenizer is named, and trusted where it brings code"#,
    #"""
    ## What
    `HuggingFaceTokenizer` needs `tokenizer_model`. Moonlight's and its relatives' are Python code beside the files: they
    need `hf_tokenizer_kwargs: {trust_remote_code: true}`.

    ## Why
    transformers refuses to run code from a repository unasked; without a terminal it cannot ask.

    ## Example
    ```yaml
    tokenizer: {tokenizer_type: HuggingFaceTokenizer, tokenizer_model: moonshotai/Moonlight-16B-A3B}
    ```

    ## Fix
    Say that the code is trusted, if it is.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `tokenizers/megatron_tokenizer.py`, `from_pretrained`; transformers `AutoTokenizer`.
    """#
  ),
  (
    "TOK-04", #"a tokenizer has its files"#,
    #"""
    ## What
    Tiktoken and SentencePiece tokenizers need `tokenizer_model`. With `legacy_tokenizer`, a `TikTokenizer` also needs
    `tiktoken_pattern` `v1` or `v2`, a `GPT2BPETokenizer` `vocab_file` and `merge_file`, and the BERT ones `vocab_file`.

    ## Why
    Megatron-Bridge asserts it when the tokenizer is built.

    ## Example
    ```yaml
    tokenizer: {tokenizer_type: TikTokenizer}
    ```

    ## Fix
    Name the file.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/tokenizers/tokenizer.py`, `build_tokenizer`.
    """#
  ),
  (
    "TOK-05", #"bytes are tokens on the CPU engine only"#,
    #"""
    ## What
    `ByteLevelTokenizer` is built into the CPU engine of this package; Megatron does not know it.

    ## Why
    A config made for a smoke run here would end on a cluster when its tokenizer is built.

    ## Example
    ```yaml
    cluster: {num_nodes: 1, gpus_per_node: 8}
    tokenizer: {tokenizer_type: ByteLevelTokenizer}
    ```

    ## Fix
    A tokenizer of the model's, or `NullTokenizer` for data that are tokens already.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/tokenizers/config.py`.
    """#
  ),
  (
    "TOK-06", #"the null tokenizer reads numbers"#,
    #"""
    ## What
    `NullTokenizer` turns a text of integers between blanks into these integers. Examples for finetuning (`dataset.kind: sft`) need
    a tokenizer; rows for pretraining (`jsonl`) may hold such numbers, which gets a note.

    ## Why
    It is for benchmarks, and for data that are tokens already. The first word that is no number ends the run, after everything has
    been started.

    ## Example
    ```yaml
    dataset: {kind: sft, data_paths: [/data/rows]}
    tokenizer: {tokenizer_type: NullTokenizer, vocab_size: 163842}
    ```

    ## Fix
    The model's own, with `tokenizer_type: HuggingFaceTokenizer` and `tokenizer_model`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `tokenizers/text/libraries/null_tokenizer.py`, `text_to_ids`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PEFT-01", #"adapters have a model to adapt"#,
    #"""
    ## What
    With a `peft` section `checkpoint.pretrained_checkpoint` must be given.

    ## Why
    The base weights are frozen. They have to come from somewhere.

    ## Example
    ```yaml
    peft: {peft_scheme: lora}
    checkpoint: {pretrained_checkpoint: null}
    ```

    ## Fix
    Name the directory of a checkpoint: Megatron's on a cluster, Hugging Face's or one of ours for the CPU engine.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-03", #"finetuning starts from weights"#,
    #"""
    ## What
    `recipe.mode` `sft` needs `checkpoint.pretrained_checkpoint` or `checkpoint.load`. With `load` alone the run starts from
    random weights unless that directory holds a checkpoint.

    ## Why
    Megatron-Bridge's finetuning refuses to begin with neither. `load` is derived from the run's directory, which is empty
    at first.

    ## Example
    ```yaml
    recipe: {mode: sft}
    checkpoint: {pretrained_checkpoint: null}
    ```

    ## Fix
    Name the checkpoint to start from.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/finetune.py`, `finetune`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-04", #"DoRA drops out before the adapter"#,
    #"""
    ## What
    `peft_scheme: dora` needs `dropout_position: pre`.

    ## Why
    DoRA scales the sum of base and adapter, so a dropout behind the adapter has no place in it.

    ## Example
    ```yaml
    peft: {peft_scheme: dora, dropout_position: post}
    ```

    ## Fix
    `dropout_position: pre`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/dora.py`, `__post_init__`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-07", #"adapters divide over tensor-parallel ranks"#,
    #"""
    ## What
    Where `tensor_model_parallel_size` splits a target's output rows, it must divide `peft.dim`; where it splits the input
    columns, `hidden_size`, to which the adapter's second matrix goes back. For routed experts and LoRA it is
    `expert_tensor_parallel_size`.

    ## Why
    An adapter's matrices are split like those they stand beside.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 8}
    peft: {dim: 4, target_modules: [linear_q_proj]}
    ```

    ## Fix
    A rank that is a multiple.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/utils.py`, `ParallelLinearAdapter`; megatron-core 0.16.1
      `tensor_parallel/layers.py`.
    - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
    - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PEFT-08", #"targets are named or excluded"#,
    #"""
    ## What
    `target_modules` and `exclude_modules` must not both hold entries.

    ## Why
    One says which modules get an adapter, the other which linears get none.

    ## Example
    ```yaml
    peft: {target_modules: [linear_proj], exclude_modules: [linear_fc1]}
    ```

    ## Fix
    For "all but", set `target_modules: []`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/module_matcher.py`, `match`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-09", #"layers are counted within a stage"#,
    #"""
    ## What
    With pipeline parallelism Megatron numbers the layers of each stage from 0, so a target such as `*.layers.0.*` means the
    first layer of every stage.

    ## Why
    Adapters are made stage by stage, before anybody counts through the model. The CPU engine counts through the model.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 2}
    peft: {target_modules: ["*.layers.0.*.linear_proj"]}
    ```

    ## Fix
    Target by kind of module, or train adapters without pipeline parallelism.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/walk_utils.py`; megatron-core 0.16.1 `transformer/transformer_block.py`.
    - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
    - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
    """#
  ),
  (
    "PEFT-10", #"every target matches a module"#,
    #"""
    ## What
    Each entry of `target_modules` should match a module of the model. Megatron starts without; the CPU engine does not.

    ## Why
    A target that matches nothing is passed over in silence. The default list begins with `linear_qkv`, which a model with
    multi-latent attention does not have: its query, key and value projections then get no adapter. Where no target matches,
    all weights are frozen and nothing is trained.

    ## Example
    ```yaml
    peft: {target_modules: [linear_qkv, linear_proj]}   # with multi_latent_attention
    ```

    ## Fix
    For MLA: `linear_q_proj` (with a query latent `linear_q_down_proj`, `linear_q_up_proj`), `linear_kv_down_proj`,
    `linear_kv_up_proj`, `linear_proj`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/module_matcher.py`; facts of the module names: `LaunchModel`'s `AdapterModule`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-11", #"adapters go on linears"#,
    #"""
    ## What
    No target may match a module that is no linear: a norm, an embedding, a whole layer.

    ## Why
    Megatron-Bridge wraps what is matched, and fails on the first module that it knows no adapter for. A lone `*` matches
    everything.

    ## Example
    ```yaml
    peft: {target_modules: ["*"]}
    ```

    ## Fix
    `*.linear_*` matches linears only; `target_modules: []` means all of them.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/utils.py`, `get_adapter_attributes_from_linear`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-13", #"DoRA goes on single matrices"#,
    #"""
    ## What
    `peft_scheme: dora` must not target routed experts while `moe_grouped_gemm` holds them in one module.

    ## Why
    DoRA takes the norms of a module's `weight`. Grouped experts have `weight0`, `weight1`, … instead, so building the model
    fails with an AttributeError. The bare targets `linear_fc1` and `linear_fc2`, in the upstream default, match them too.

    ## Example
    ```yaml
    peft: {peft_scheme: dora, target_modules: [linear_proj, linear_fc1, linear_fc2]}
    ```

    ## Fix
    Target attention, the dense layer and the shared experts: `*.mlp.linear_fc1`, `*.shared_experts.linear_fc1`. Or LoRA.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/dora.py`, `peft/dora_layers.py`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-16", #"DoRA goes on split matrices"#,
    #"""
    ## What
    With tensor parallelism `dora` must not target `linear_kv_down_proj`, `linear_q_down_proj` or `router`. On the router it
    is not supported at all.

    ## Why
    These matrices are whole on every rank, while the adapter beside them is split: their sum, whose norms DoRA takes, does
    not exist. And DoRA has no router: its output is taken for the logits.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 2}
    peft: {peft_scheme: dora, target_modules: [linear_kv_down_proj]}
    ```

    ## Fix
    Without tensor parallelism, or without these targets, or LoRA.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/dora_layers.py`, `DoRALinear._get_weight_norm`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-17", #"every first chunk holds something"#,
    #"""
    ## What
    With adapters, the first model chunk of each pipeline rank must hold a layer, the embedding or the head.

    ## Why
    Megatron-Bridge prints the share of weights that are trained, and divides by the number of weights of the first chunk.
    Without adapters an empty stage is fine.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 4, pipeline_model_parallel_layout: "E|t*14||t*13L"}
    peft: {peft_scheme: lora}
    ```

    ## Fix
    A layout without empty stages.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/setup.py`, `_apply_peft_transformation`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-18", #"mode and adapters agree"#,
    #"""
    ## What
    `recipe.mode: peft` needs a `peft` section, and `pretrain` excludes one. With `sft` and a `peft` section only the
    adapters are trained.

    ## Why
    The mode says what is trained: everything from random weights, everything from a checkpoint, or adapters. Where the two
    disagree, one of them is not what was meant.

    ## Example
    ```yaml
    recipe: {mode: peft}
    peft: null
    ```

    ## Fix
    Change the one that is not meant.

    ## Source
    This package: the trainer refuses the first two.
    """#
  ),
  (
    "PEFT-19", #"Megatron-Bridge knows Megatron's names alone"#,
    #"""
    ## What
    A target such as `q_proj` or `gate_proj` is Hugging Face's name of a matrix. The CPU engine of this package takes it;
    Megatron-Bridge compares targets with the names of Megatron's own modules, where nothing is called so.

    ## Why
    The target is passed over without a word. Where all targets are such names no adapter is attached, all weights are
    frozen, and nothing is trained. An excluded module of such a name is not excluded.

    ## Example
    ```yaml
    peft: {target_modules: [q_proj, kv_b_proj, o_proj, gate_proj]}
    ```

    ## Fix
    Megatron's names: `linear_q_proj`, `linear_kv_up_proj`, `linear_proj`, `linear_fc1`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/module_matcher.py`, `match`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2 `peft/module_matcher.py`, `match`.
    """#
  ),
  (
    "PEFT-20", #"adapters on routed experts are not summed over tensor ranks"#,
    #"""
    ## What
    With `expert_tensor_parallel_size` > 1, adapters on routed experts compute something else than `B A x`. Layers of experts
    leave every sum over tensor ranks to the token dispatcher, those of the adapter too: on `linear_fc2` `linear_in` gives
    each rank its own part of `A x`, which `linear_out` multiplies before it is summed, and the dispatcher then adds the
    adapter's output once for each rank; on `linear_fc1` the gradient of `linear_in` lacks the parts of the other ranks.

    ## Why
    The adapters train on wrong gradients, and merged into the weights they are another model than the one trained.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 2, expert_tensor_parallel_size: 2}
    peft: {target_modules: [linear_fc1, linear_fc2]}
    ```

    ## Fix
    `expert_tensor_parallel_size: 1`, or targets outside the routed experts.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `tensor_parallel/layers.py`, `explicit_expert_comm`; megatron-bridge 0.3.1
      `peft/utils.py`, `ParallelLinearAdapter`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: the same in megatron-core 0.19.2 and megatron-bridge 0.6.2.
    """#
  ),
  (
    "PEFT-21", #"adapters on whole matrices mix tokens under sequence parallelism"#,
    #"""
    ## What
    `linear_kv_down_proj`, `linear_q_down_proj` and the router are whole on every tensor rank, and with `sequence_parallel`
    each rank puts its own part of the sequence through them. Their adapters are split all the same: rank r computes its
    rows of `A` for its own tokens, and the results of different tokens are then joined as if they were one token's.

    ## Why
    The adapter adds to each token what belongs to others, TP - 1 of TP parts. Nothing fails; the loss is worse.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 2, sequence_parallel: true}
    peft: {target_modules: [linear_q_proj, linear_kv_down_proj]}
    ```

    ## Fix
    `tensor_model_parallel_size: 1`, or without these targets.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/utils.py`, `get_adapter_attributes_from_linear` (a `TELinear` is not parallel and
      gets no sequence-parallel communication) and `ParallelLinearAdapter` (`linear_in` splits its rows).
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: the same in megatron-bridge 0.6.2.
    """#
  ),
  (
    "PEFT-22", #"adapters on overlapped shared experts are added once a tensor rank"#,
    #"""
    ## What
    With `moe_shared_expert_overlap` and TP > 1 the shared experts' `linear_fc2` does not sum its ranks' parts; the block
    does so behind it. Its adapter however gives every rank the whole output, so the block adds it TP times.

    ## Why
    The adapter acts TP times as strongly as `alpha / dim` says, in training and not in the merged weights.

    ## Example
    ```yaml
    model: {moe_shared_expert_overlap: true}
    parallelism: {tensor_model_parallel_size: 2}
    peft: {target_modules: [linear_fc2]}
    ```

    ## Fix
    `moe_shared_expert_overlap: false`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer/moe/shared_experts.py` (`parallel_mode = None`, `post_forward_comm`);
      megatron-bridge 0.3.1 `peft/utils.py`, `ParallelLinearAdapter` (`lin_out_gather_output`).
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: the same in megatron-core 0.19.2 and megatron-bridge 0.6.2.
    """#
  ),
  (
    "PEFT-23", #"adapters cannot recompute norms, expert activations or the MLA up-projection at PP 1"#,
    #"""
    ## What
    With adapters and one pipeline stage, `recompute_modules` must not hold `layernorm`, `moe_act` or `mla_up_proj`. Whole
    layers (`recompute_granularity: full`), `moe` and `shared_experts` work.

    ## Why
    These three free their output and compute it again in the backward pass. All weights are frozen, so the embedding's
    output needs no gradient, and the first backward pass ends in "Trying to backward through the graph a second time".
    Megatron-Bridge makes that output need one only where `recompute_method` is set.

    ## Example
    ```yaml
    recompute: {recompute_granularity: selective, recompute_modules: [layernorm, moe_act]}
    peft: {peft_scheme: lora}
    ```

    ## Fix
    `recompute_granularity: full`, or `recompute_modules: [moe]`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `tensor_parallel/random.py`, `CheckpointWithoutOutput`; megatron-bridge 0.3.1
      `peft/recompute.py`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same; seen on an H200.
    """#
  ),
  (
    "PEFT-24", #"adapters can learn"#,
    #"""
    ## What
    An adapter's output is `alpha / dim` times `B A x`. With `alpha: 0`, or with both matrices at zero in the beginning
    (`lora_A_init_method: zero`, `lora_B_init_method: zero`), every gradient is zero for good.

    ## Why
    The run goes on and writes adapters that do nothing.

    ## Example
    ```yaml
    peft: {lora_A_init_method: zero}   # lora_B_init_method is zero unless written
    ```

    ## Fix
    `alpha` at least 1; one of the two matrices `xavier`, `kaiming` or `normal`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/utils.py`, `ParallelLinearAdapter.forward` and `_get_init_fn`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-25", #"adapters have the model's format"#,
    #"""
    ## What
    `lora_dtype` has no effect where the model is in bf16 or fp16: an adapter on Megatron's layers is converted to the
    model's format when it is made.

    ## Why
    Adapters meant to be trained in fp32 are trained in bf16.

    ## Example
    ```yaml
    peft: {lora_dtype: fp32}
    mixed_precision: bf16_mixed
    ```

    ## Fix
    Leave it out; the optimizer keeps masters in fp32 anyway.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `peft/lora.py` (only `nn.Linear` takes it); `peft/utils.py`, `ParallelLinearAdapter`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-26", #"a fused down projection has no parts to adapt"#,
    #"""
    ## What
    With `mla_down_proj_fusion` and a query latent, `linear_q_down_proj` and `linear_kv_down_proj` are one module,
    `linear_qkv_down_proj`. Targets of the two names match nothing.

    ## Why
    A target that matches nothing is passed over in silence.

    ## Example
    ```yaml
    model: {q_lora_rank: 1536, mla_down_proj_fusion: true}
    peft: {target_modules: [linear_kv_down_proj]}
    ```

    ## Fix
    `mla_down_proj_fusion: false`.

    ## Source
    - 0.6.2: megatron-core 0.19.2 `models/gpt/gpt_layer_specs.py`, `get_gpt_layer_with_transformer_engine_submodules`.
    """#
  ),
  (
    "PEFT-27", #"the rank of expert adapters divides by the experts of a token"#,
    #"""
    ## What
    With `peft.normalize_moe_lora` routed experts get adapters of rank `dim / moe_router_topk`: `dim` must be a multiple of
    `moe_router_topk`, where an adapter stands on experts at all.

    ## Why
    A token passes so many experts, whose adapters are to weigh as much as one elsewhere.

    ## Example
    ```yaml
    peft: {normalize_moe_lora: true, dim: 32, target_modules: [linear_fc1]}   # top 6
    ```

    ## Fix
    A rank that is a multiple of `moe_router_topk`; 36 for Moonlight.

    ## Source
    - 0.5.1: megatron-bridge 0.5.1 `peft/utils.py`, `get_effective_lora_dim`.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "PEFT-28", #"the routers' bias stays where the adapters were trained on it"#,
    #"""
    ## What
    Where adapters are trained, a router's expert bias goes on moving by `moe_router_bias_update_rate` a step, though the rest
    of the base is frozen.

    ## Why
    The bias is no parameter, so freezing the model does not hold it, and a checkpoint of adapters does not have it. What is
    trained chooses its experts by a bias that is lost with the run: loaded or merged, the adapters stand on the old one. Each
    step moves an entry by the whole rate, up or down, and it is added to scores between 0 and 1.

    ## Example
    ```yaml
    model: {moe_router_enable_expert_bias: true, moe_router_bias_update_rate: 0.001}
    peft: {peft_scheme: lora}
    ```

    ## Fix
    `moe_router_bias_update_rate: 0`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `distributed/finalize_model_grads.py`, `_update_router_expert_bias`; megatron-bridge 0.3.1
      `peft/base.py`, `freeze_model`, and `training/checkpointing.py`, which keeps adapters alone.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same; `frozen_expert_bias` is set by Megatron-LM's own
      `--freeze-all-layers` alone.
    """#
  ),
  (
    "CKPT-01", #"the format can be written"#,
    #"""
    ## What
    `ckpt_format: zarr` is accepted at start-up, but Megatron-Core 0.16.1 has no such format any more.

    ## Why
    The first save ends the run, after hours of work.

    ## Example
    ```yaml
    checkpoint: {ckpt_format: zarr}
    ```

    ## Fix
    `torch_dist`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `dist_checkpointing/serialization.py`; megatron-bridge 0.3.1
      `training/checkpointing.py`.
    """#
  ),
  (
    "CKPT-02", #"asynchronous saves have all they need"#,
    #"""
    ## What
    `async_save` needs `save`, `use_persistent_ckpt_worker`, and `ckpt_format: torch_dist`, since 0.5.1 that or `fsdp_dtensor`.
    `async_strategy`, which 0.5.1 brought, is `nvrx` or `mcore`, wanted or not.

    ## Why
    One writer process takes over, and knows one format.

    ## Example
    ```yaml
    checkpoint: {async_save: true, save: null}
    ```

    ## Fix
    Set what is missing, or save synchronously.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`, `ConfigContainer.validate`.
    - 0.5.1: megatron-bridge 0.5.1, the same; megatron-core 0.18.2 `training/config/training_config.py`.
    - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
    """#
  ),
  (
    "CKPT-03", #"a step is loaded from somewhere"#,
    #"""
    ## What
    `ckpt_step` needs `load`.

    ## Why
    It picks one of the checkpoints in that directory.

    ## Example
    ```yaml
    checkpoint: {ckpt_step: 12000, load: null}
    ```

    ## Fix
    Name the directory. It must exist on the cluster, which is not looked at here.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "CKPT-04", #"Megatron-FSDP and its format come together"#,
    #"""
    ## What
    Where anything is saved or loaded, Megatron-FSDP needs `ckpt_format: fsdp_dtensor`, and that format needs Megatron-FSDP.
    Megatron-FSDP excludes PyTorch's FSDP2 (which does not start at all with these releases) and `dist.use_tp_pp_dp_mapping`, and switches `average_in_collective` and
    `gradient_accumulation_fusion` off.

    ## Why
    Its weights are DTensors, which the other formats do not hold.

    ## Example
    ```yaml
    ddp: {use_megatron_fsdp: true}
    checkpoint: {ckpt_format: torch_dist}
    ```

    ## Fix
    Change the format with the sharding.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "CKPT-05", #"master weights come from the optimizer or from the model"#,
    #"""
    ## What
    `load_main_params_from_ckpt` needs `load_optim: false`.

    ## Why
    With the optimizer's states the master weights are loaded anyway.

    ## Example
    ```yaml
    checkpoint: {load_main_params_from_ckpt: true}
    ```

    ## Fix
    Set `load_optim` to false.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "CKPT-06", #"optimizer states are fully reshardable one way"#,
    #"""
    ## What
    `dist_ckpt_optim_fully_reshardable` excludes `distrib_optim_fully_reshardable_mem_efficient`.

    ## Why
    Megatron-Bridge refuses the pair, though its message speaks of gloo.

    ## Example
    ```yaml
    checkpoint: {dist_ckpt_optim_fully_reshardable: true, distrib_optim_fully_reshardable_mem_efficient: true}
    ```

    ## Fix
    Switch the second off.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `CheckpointConfig.finalize`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "CKPT-07", #"passing checkpoints are global or local"#,
    #"""
    ## What
    `non_persistent_ckpt_type` is `global`, `local` or null.

    ## Why
    `in_memory`, which Megatron-Bridge's list names too, is not implemented: the first load of a checkpoint fails.

    ## Example
    ```yaml
    checkpoint: {non_persistent_ckpt_type: in_memory}
    ```

    ## Fix
    `local` needs the package nvidia_resiliency_ext.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/checkpointing.py`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "CKPT-08", #"checkpoints are written while the run goes on"#,
    #"""
    ## What
    `save` is given, but `save_interval` is null or 0.

    ## Why
    The only checkpoint is then the one at the end; a run that is stopped before leaves nothing.

    ## Example
    ```yaml
    checkpoint: {save: checkpoints, save_interval: null}
    ```

    ## Fix
    An interval in steps.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/train.py`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "CKPT-17", #"a run leaves a checkpoint"#,
    #"""
    ## What
    A run on data has a directory in `checkpoint.save`.

    ## Why
    Without one nothing is ever saved: not at an interval, not at the end, and not when a job's time is up. What was learned
    is gone with the processes.

    ## Example
    ```yaml
    dataset: {kind: indexed, data_paths: [/data/pile]}
    checkpoint: {save: null}
    ```

    ## Fix
    A directory. Mock data, which nobody learns from, and runs that only evaluate are not asked for one.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/train.py`, `checkpoint_and_decide_exit`, and `training/pretrain.py`, line 158.
    - 0.5.1: megatron-bridge 0.5.1 `training/train.py`, the same and line 737.
    - 0.6.2: megatron-bridge 0.6.2 `training/train.py`, the same and line 752.
    """#
  ),
  (
    "CKPT-10", #"a Hugging Face copy beside each checkpoint"#,
    #"""
    ## What
    `checkpoint.also_save_hf_checkpoint` excludes `ckpt_format: fsdp_dtensor` and `non_persistent_ckpt_type: local`, and needs a
    model to take configuration and tokenizer from: `checkpoint.hf_source_path`, `model.hf_model_id` or
    `tokenizer.tokenizer_model`.

    ## Why
    The copy is a whole model folder, written from gathered weights.

    ## Example
    ```yaml
    checkpoint: {also_save_hf_checkpoint: true}
    tokenizer: {tokenizer_type: NullTokenizer, vocab_size: 163840}
    ```

    ## Fix
    Set `checkpoint.hf_source_path`.

    ## Source
    - 0.6.2: megatron-bridge 0.6.2 `training/config.py`, `CheckpointConfig.finalize`, `_validate_hf_checkpoint_export_source`.
    """#
  ),
  (
    "CKPT-09", #"the base is the model"#,
    #"""
    ## What
    The model section and the `config.json` of `checkpoint.pretrained_checkpoint` must describe the same model, field by
    field.

    ## Why
    Weights of another shape cannot be loaded, and weights of the same shape compute something else under another epsilon,
    rotary base or routing. `moonlight validate` looks at no checkpoint, which may be on another machine; the trainer does,
    before it starts.

    ## Example
    ```yaml
    model: {rotary_base: 10000}
    checkpoint: {pretrained_checkpoint: Moonlight-16B-A3B}   # rope_theta 50000
    ```

    ## Fix
    `moonlight generate finetune --hf-config DIR` takes the model section from the checkpoint.

    ## Source
    This package: the trainer refuses the difference.
    """#
  ),
  (
    "CKPT-11", #"optimizer states fit the stages"#,
    #"""
    ## What
    Where the checkpoint in `load` is at hand, its `run_config.yaml` says how it was sharded. States of the distributed
    optimizer that were not saved with `dist_ckpt_optim_fully_reshardable` load only on the same tensor and pipeline parallel
    sizes. Other sizes of the expert groups are a warning: such states are kept by buffer, and the buffers are others. With
    reshardable states, random numbers and the rerun state are left out, which is a note. Checkpoints of the CPU engine fit
    every layout.

    ## Why
    Megatron-Bridge compares (TP, PP) with the checkpoint's and raises a RuntimeError.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 4}
    checkpoint: {load: ck}   # written with TP 1
    ```

    ## Fix
    The checkpoint's sizes, or `load_optim: false`, which starts the optimizer anew. For the next time, save with
    `dist_ckpt_optim_fully_reshardable`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/checkpointing.py`, `_load_checkpoint_from_path` and
      `_build_sharded_state_dict_metadata`; megatron-core 0.16.1 `optimizer/distrib_optimizer.py`,
      `checkpoint_fully_reshardable_formats`.
    - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
    - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
    """#
  ),
  (
    "CKPT-12", #"the checkpoint holds the model"#,
    #"""
    ## What
    Where the checkpoint in `load` or `pretrained_checkpoint` is at hand, the model section must describe the weights in it:
    layers, widths, heads, ranks, experts, which layers have them, tied embeddings, and no MTP layers or learned positions
    that it lacks. Rows of the vocabulary may be others:
    then the common ones are loaded, which is a warning. The CPU engine's own checkpoints take neither other rows, nor
    adapters where all weights are trained, or the other way round.

    ## Why
    Each tensor is asked for by name and shape: Megatron-Core's loader raises where a shape or a name is another. The
    embeddings alone are saved so that they may be padded otherwise. The CPU engine loads whole tensors as they are.

    ## Example
    ```yaml
    model: {num_moe_experts: 32}
    checkpoint: {load: ck}   # written with 64 experts
    ```

    ## Fix
    The checkpoint's values, which its `run_config.yaml` has, or its `trainer_state.json`. A run that is to begin anew has
    another `recipe.name`, or `--no-resume`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `dist_checkpointing/strategies/torch.py` and `dist_checkpointing/validation.py`;
      `tensor_parallel/layers.py`, `allow_shape_mismatch`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "CKPT-13", #"states of the same optimizer"#,
    #"""
    ## What
    Where the checkpoint in `load` is at hand, the optimizer whose states are loaded must be the one that saved them, on the
    distributed optimizer as well or neither. A checkpoint of another release of Megatron-Bridge is a warning. One of the CPU
    engine holds the states of every form of the same optimizer, and always loads them.

    ## Why
    States are asked for by name: `exp_avg` and `exp_avg_sq` are Adam's, a single momentum is Muon's and SGD's. Those of the
    distributed optimizer lie in its buffers. Between releases fields and names of states change.

    ## Example
    ```yaml
    optimizer: {optimizer: sgd}
    checkpoint: {load: ck}   # written with adam
    ```

    ## Fix
    The checkpoint's optimizer, or `load_optim: false`, which starts the optimizer anew.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/checkpointing.py`, `_load_checkpoint_from_path`; megatron-core 0.16.1
      `optimizer/distrib_optimizer.py`, `sharded_state_dict`.
    - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
    - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
    """#
  ),
  (
    "CKPT-14", #"a resumed run keeps the order of its data"#,
    #"""
    ## What
    Where the checkpoint in `load` is at hand and the tokens of its indexed data can be counted, a run that goes through
    them more than once must have the samples (`train_iters` times `global_batch_size`, or `train_samples`) of the run
    that it resumes.

    ## Why
    Megatron draws the order of all epochs of a run together. Of another number of epochs it is another order from the
    first sample on, and a resumed run goes on in the middle of it: some samples return early, others are left out. Within
    a single epoch the order does not change. The CPU engine shuffles each epoch by itself.

    ## Example
    ```yaml
    train: {train_iters: 20000}   # of data that 8000 steps go through once
    checkpoint: {load: ck}        # of a run with train_iters: 10000
    ```

    ## Fix
    The checkpoint's length. Who may want to go on plans the longer run and stops it with `exit_interval`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `datasets/gpt_dataset.py`, `_build_document_sample_shuffle_indices`,
      `_build_document_index`; megatron-bridge 0.3.1 `data/utils.py`, `get_train_valid_test_num_samples`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "CKPT-16", #"a run that is started again goes on"#,
    #"""
    ## What
    A run that loads what it saves (`load` is `save`) goes on where it stopped only if the optimizer's states and the step are loaded:
    with `finetune: true` it begins at step 0 with the weights alone, and with `load_optim: false` or `save_optim: false` Adam's or Muon's states are lost. Adapters
    are not concerned by `finetune`: Megatron-Bridge sets it itself.

    ## Why
    Both are for the first start from other weights. A job that is requeued, or stopped by its time limit, would do its first steps
    again each time, or jump in its loss, without a word.

    ## Example
    ```yaml
    checkpoint: {save: /run/checkpoints, load: /run/checkpoints, finetune: true}
    ```

    ## Fix
    Name the weights to begin with in `pretrained_checkpoint`, which is taken where `load` holds nothing yet, and leave the switch out.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/checkpointing.py`, `load_checkpoint` and `_load_checkpoint_from_path`.
    - 0.6.2: megatron-bridge 0.6.2, the same; `training/setup.py`, `setup`.
    """#
  ),
  (
    "CKPT-15", #"a checkpoint manager of one's own is named with its module"#,
    #"""
    ## What
    `custom_manager_class` is the whole name of a class, such as `package.module.Manager`.

    ## Why
    Megatron-Bridge refuses a name without a module.

    ## Example
    ```yaml
    checkpoint: {custom_manager_class: Manager}
    ```

    ## Fix
    Write its module before it, or leave it out. Of other packages than megatron, torch, nvidia, transformers, numpy and nemo no
    launch of this package makes objects, either.

    ## Source
    - 0.5.1: megatron-bridge 0.5.1 `training/checkpointing.py`, `create_checkpoint_manager`; `utils/instantiate_utils.py`.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "COMM-01", #"tensor-parallel overlap needs sequence parallelism"#,
    #"""
    ## What
    `comm_overlap.tp_comm_overlap` is switched off where TP is 1 or `sequence_parallel` is off.

    ## Why
    The overlapped collectives are those of sequence parallelism.

    ## Example
    ```yaml
    parallelism: {tensor_model_parallel_size: 1}
    comm_overlap: {tp_comm_overlap: true}
    ```

    ## Fix
    Switch it off.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_model_comm_overlap_cfgs`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "COMM-02", #"`comm_overlap` decides how stages communicate"#,
    #"""
    ## What
    Where `comm_overlap` is present, `overlap_p2p_comm` and `batch_p2p_comm` of `model` are overwritten: overlap with
    virtual stages, batches without, neither without a pipeline, unless `comm_overlap` says otherwise itself.

    ## Why
    What is written in `model` has no effect.

    ## Example
    ```yaml
    model: {overlap_p2p_comm: true}
    comm_overlap: {tp_comm_overlap: false}
    ```

    ## Fix
    Write it in `comm_overlap`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_model_comm_overlap_cfgs`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "COMM-03", #"virtual stages that only a layout names are not overlapped"#,
    #"""
    ## What
    A layout of more stages than PP makes a virtual pipeline without `virtual_pipeline_model_parallel_size`. But
    `comm_overlap` has been applied before the layout is read, as if there were none.

    ## Why
    The interleaved schedule then runs without overlapping its transfers, of which it has more.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_size: 2, pipeline_model_parallel_layout: "Et*7|t*7|t*7|t*6L"}
    ```

    ## Fix
    Write the virtual size that follows from the layout.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`; megatron-core 0.16.1 `transformer/transformer_config.py`.
    - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
    - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
    """#
  ),
  (
    "COMM-04", #"`comm_overlap` decides how replicas communicate"#,
    #"""
    ## What
    Where `comm_overlap` is present and `ddp.use_distributed_optimizer` on, the overlap settings of `ddp` are overwritten:
    with several replicas both overlaps are on and buckets hold 134217728 parameters; with one replica all are off.
    Values written in `comm_overlap` win.

    ## Why
    What is written in `ddp` has no effect.

    ## Example
    ```yaml
    ddp: {use_distributed_optimizer: true, bucket_size: 40000000}
    comm_overlap: {tp_comm_overlap: false}
    ```

    ## Fix
    Write it in `comm_overlap`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_optimizer_overlap_cfgs`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "COMM-08", #"`comm_overlap` decides what the model overlaps"#,
    #"""
    ## What
    Where `comm_overlap` is present, `overlap_moe_expert_parallel_comm`, `delay_wgrad_compute`,
    `defer_embedding_wgrad_compute`, `wgrad_deferral_limit` and `tp_comm_overlap` of `model` are overwritten: by what
    `comm_overlap` says, and off where it says nothing.

    ## Why
    What is written in `model` has no effect: the run communicates as if it were not there.

    ## Example
    ```yaml
    model: {overlap_moe_expert_parallel_comm: true}
    comm_overlap: {tp_comm_overlap: false}
    ```

    ## Fix
    Write it in `comm_overlap`. Overlapped experts exclude overlapped shared experts (MOE-31).

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_model_comm_overlap_cfgs`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "COMM-06", #"stages talk through NCCL or UCC"#,
    #"""
    ## What
    `pipeline_model_parallel_comm_backend` is null, `nccl` or `ucc`; and `ucc` needs `CUDA_DEVICE_MAX_CONNECTIONS` other
    than 1.

    ## Why
    Megatron checks both when it makes the pipeline's groups.

    ## Example
    ```yaml
    parallelism: {pipeline_model_parallel_comm_backend: gloo}
    ```

    ## Fix
    Leave it out.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DET-01", #"a deterministic run uses kernels that repeat"#,
    #"""
    ## What
    `deterministic_mode` excludes flash attention and `cross_entropy_loss_fusion` (which the recipes switch on), and needs
    `NCCL_ALGO` in `env_vars` as one of Tree, Ring, CollnetDirect, CollnetChain, ^NVLS.

    ## Why
    The others add in an order that changes from run to run.

    ## Example
    ```yaml
    model: {deterministic_mode: true}   # cross_entropy_loss_fusion: true from the recipe
    ```

    ## Fix
    Switch the fusion off, and set `env_vars: {NCCL_ALGO: Ring, NVTE_ALLOW_NONDETERMINISTIC_ALGO: "0"}`.

    ## Source
    - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `_validate_and_apply_deterministic_mode`.
    - 0.5.1: megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "DET-02", #"Transformer Engine is told to be deterministic"#,
    #"""
    ## What
    `deterministic_mode` with Transformer Engine needs `NVTE_ALLOW_NONDETERMINISTIC_ALGO: "0"` in `env_vars`.

    ## Why
    Its attention reads the variable, and Megatron refuses to build the layer without it.

    ## Example
    ```yaml
    model: {deterministic_mode: true, cross_entropy_loss_fusion: false}
    env_vars: {NCCL_ALGO: Ring}
    ```

    ## Fix
    Set it.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `extensions/transformer_engine.py`, `TEDotProductAttention`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "DET-03", #"the attention backend and its variables agree"#,
    #"""
    ## What
    `model.attention_backend` sets `NVTE_FLASH_ATTN`, `NVTE_FUSED_ATTN` and `NVTE_UNFUSED_ATTN`: auto to 1, 1, 1; flash to 1,
    0, 0; fused to 0, 1, 0; unfused to 0, 0, 1; local to 0, 0, 0. Another value in `env_vars` is refused.

    ## Why
    Megatron does not know which of the two is meant.

    ## Example
    ```yaml
    model: {attention_backend: auto}
    env_vars: {NVTE_FLASH_ATTN: "0"}
    ```

    ## Fix
    Choose by `attention_backend`, and leave the variables out.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `models/common/language_module/language_module.py`, `_set_attention_backend`.
    - 0.5.1: megatron-core 0.18.2, the same.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "CG-01", #"CUDA graphs capture what can be captured"#,
    #"""
    ## What
    `cuda_graph_impl` is `none`, `local` or `transformer_engine`; since 0.5.1 also `full_iteration`. Other than `none` it needs
    Transformer Engine's random number tracker (`model.use_te_rng_tracker` or `rng.te_rng_tracker`), and excludes
    `cpu_offloading`, which `full_iteration` takes. The parts in `cuda_graph_scope`, or `cuda_graph_modules`, as it is called
    since 0.5.1 (one of the two): `full` stands alone; `full_iteration` needs `local`, is a kind of its own since 0.5.1, and
    wants `rerun_state_machine.check_for_nan_in_loss` off; `moe` and `moe_router` exclude each other; `moe` needs dropped and
    padded tokens; `moe_preprocess` needs `moe_router`; `mlp` needs a dense layer and `transformer_engine`. Full
    recompute needs `full_iteration` alone. `local` is for whole iterations and inference in 0.6.2. `enable_cuda_graph` is the
    old name of `local`, `external_cuda_graph` that of `transformer_engine`; one at a time.

    ## Why
    A graph replays fixed shapes without asking the CPU; a dropless MoE layer's shapes depend on the routing.

    ## Example
    ```yaml
    model: {cuda_graph_impl: transformer_engine, cuda_graph_scope: moe}
    rng: {te_rng_tracker: true}
    ```

    ## Fix
    For Moonlight: `attn`, or `attn,moe_router`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer/transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1
      `training/config.py`.
    - 0.5.1: megatron-core 0.18.2, the same, and `transformer/cuda_graph_config.py`; megatron-bridge 0.5.1.
    - 0.6.2: megatron-core 0.19.2, the same; megatron-bridge 0.6.2 `utils/cuda_graph.py`,
      `validate_cuda_graph_configuration`.
    """#
  ),
  (
    "CG-03", #"graphs for inference are of the kind that is made"#,
    #"""
    ## What
    `inference_cuda_graph_scope` is `layer` or `block` with `cuda_graph_impl: local`, and `none` with every other kind.

    ## Why
    Only `local` makes graphs that run without gradients.

    ## Example
    ```yaml
    model: {cuda_graph_impl: none, inference_cuda_graph_scope: block}
    ```

    ## Fix
    Remove it; training has no use for it.

    ## Source
    - 0.5.1: megatron-core 0.18.2 `transformer/cuda_graph_config.py`, `ALLOWED_INFERENCE_SCOPES`.
    - 0.6.2: megatron-core 0.19.2, the same.
    """#
  ),
  (
    "CG-02", #"offloaded activations are named, and weights stay"#,
    #"""
    ## What
    `fine_grained_activation_offloading` needs Transformer Engine's layers, `NVTE_CPU_OFFLOAD_V1: "1"` in `env_vars`, no
    `cpu_offloading`, and `offload_modules` from attn_norm, qkv_linear, core_attn, attn_proj, mlp_norm, expert_fc1, moe_act;
    `attn_proj` only with `core_attn`. In 0.6.2 `fused_group_mlp` is one of them, with `use_transformer_engine_op_fuser` and
    neither `expert_fc1` nor `moe_act`; these three exclude a recomputed `moe`; `activation_offload_fraction` is between 0 and 1,
    and `min_offloaded_tensor_size` and `delta_offload_bytes_across_pp_ranks` are not negative.

    With CUDA graphs since 0.5.1: of `transformer_engine` or `full_iteration`, not of the part `moe`, and
    `cuda_graph_warmup_steps` above 0; `full_iteration` needs `fine_grained_offloading_max_inflight_offloads`, 0 or more.

    ## Why
    From Transformer Engine 2.10 on, weights would be offloaded as well without the variable.

    ## Example
    ```yaml
    model: {fine_grained_activation_offloading: true, offload_modules: [core_attn]}
    ```

    ## Fix
    `env_vars: {NVTE_CPU_OFFLOAD_V1: "1"}`.

    ## Source
    - 0.3.1: megatron-core 0.16.1 `transformer/transformer_config.py`, `__post_init__`; megatron-bridge 0.3.1
      `training/config.py`, `_validate_fine_grained_activation_offloading`.
    - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
    - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
    """#
  ),
  (
    "MEM-01", #"the run fits the memory of a GPU"#,
    #"""
    ## What
    Weights, gradients, optimizer states and activations of the most loaded rank, with what CUDA and NCCL take beside
    them, should fit `cluster.gpu_memory_gib`.

    ## Why
    An out-of-memory error comes after the queue, the imports and the first forward pass. The numbers are an estimate
    from the placement of every layer; `moonlight estimate` prints them with what they assume.

    ## Example
    ```yaml
    cluster: {num_nodes: 1, gpus_per_node: 8, gpu_memory_gib: 24}   # Moonlight with TP 2 and EP 8 needs 37 GiB
    ```

    ## Fix
    `fp8_recipe: delayed` where nothing is in fp8 (another one keeps the precision-aware optimizer from holding its
    masters itself), a smaller micro batch, recomputing more, more expert parallelism, optimizer states in host memory, sharding with
    Megatron-FSDP, or more GPUs: the help says what each but the last would need. `moonlight plan` searches all layouts.

    ## Source
    - 0.3.1: Byte counts per parameter of megatron-core 0.16.1's optimizers; activations derived from its modules.
    - 0.6.2: the same of megatron-core 0.19.2, held against runs on an H200.
    """#
  ),
]
