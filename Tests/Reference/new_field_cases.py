"""Cases for what came after megatron-bridge 0.3.1: every new field and changed rule at its bounds, and seeded mixes of them.

A case names fields as the releases that have them spell them; where the installed release has no such field, it is left
out. `table()` gives each setting alone on its base, `generate(seed, count)` two or three of them at once.
"""

import itertools
import random

PIPELINE = {"cluster.num_nodes": 4, "parallelism.pipeline_model_parallel_size": 4,
            "parallelism.pipeline_model_parallel_layout": "Et*7|t*7|t*7|t*6L"}
FLEX = {"model.moe_token_dispatcher_type": "flex"}
FULL = {"recompute.recompute_granularity": "full", "recompute.recompute_method": "uniform",
        "recompute.recompute_num_layers": 1}
OFFLOAD = {"model.fine_grained_activation_offloading": True, "model.offload_modules": ["moe_act"],
           "env_vars": {"NVTE_CPU_OFFLOAD_V1": "1"}}
NO_ITERATIONS = {"train.train_iters": None, "scheduler.lr_decay_iters": None, "scheduler.lr_warmup_iters": 0}
MXFP8 = {"mixed_precision.fp8": "e4m3", "mixed_precision.fp8_recipe": "mxfp8"}
GRAPH = {"rng.te_rng_tracker": True, "model.cuda_graph_impl": "transformer_engine"}
MUON_IN_FULL = {"optimizer.use_precision_aware_optimizer": False, "optimizer.main_grads_dtype": "float32",
                "optimizer.exp_avg_dtype": "float32", "optimizer.exp_avg_sq_dtype": "float32"}
PACKED = {"train.micro_batch_size": 1, "dataset.enable_offline_packing": True,
          "dataset.offline_packing_specs": {"packed_sequence_size": 4096}}
HF = {"dataset.data_paths": None, "dataset.hf_dataset": {"dataset_name": "squad"}}
FSDP = {"dist.use_megatron_fsdp": True, "checkpoint.save": None, "checkpoint.load": None}
EXPERT_LORA = {"peft.target_modules": ["linear_fc1", "linear_fc2"]}


def each(path, *values, **more):
    """One case for each value of a field, on top of what `with_` sets."""
    return [(more.get("with_") or {}) | {path: value} for value in values]


def grid(with_=None, **fields):
    """Every combination of fields' values; a double underscore stands for the dot."""
    names = [name.replace("__", ".") for name in fields]
    return [(with_ or {}) | dict(zip(names, values)) for values in itertools.product(*fields.values())]


# (id, base, overrides of each case)
SETTINGS = [
    ("NEW-EVAL-01", "pretrain", grid(validation__eval_global_batch_size=[None, 1, 7, 8, 16, 2048, 2050],
                                     validation__eval_micro_batch_size=[None, 1, 2, 3])),
    ("NEW-EVAL-01", "pretrain", each("validation.eval_global_batch_size", 7, 8, with_={"validation.eval_iters": 0})),
    ("NEW-EVAL-01", "pretrain", each("train.global_batch_size", 2047, 2056, with_={"validation.eval_global_batch_size": 8})),
    ("NEW-EVAL-02", "pretrain", grid(dist__eval_context_parallel_size=[1, 2, 3, 8, 16], dist__use_decentralized_pg=[False, True])),
    ("NEW-CKPT-02", "pretrain", grid(checkpoint__also_save_hf_checkpoint=[True], checkpoint__ckpt_format=["torch_dist", "fsdp_dtensor"],
                                     checkpoint__non_persistent_ckpt_type=[None, "global", "local"],
                                     checkpoint__hf_source_path=[None, "moonshotai/Moonlight-16B-A3B"])),
    ("NEW-CKPT-02", "sft", each("checkpoint.also_save_hf_checkpoint", True)),
    ("NEW-ENV-01", "pretrain", each("env_vars", {"A": "b"}, {"A": 1}, {"A": 0.5}, {"A": True}, {"": "b"}, {"A": None}, {"A": [1]})),
    ("NEW-EPOCH-01", "sft", each("train.num_epochs", -1, 0, 1, 3, with_=NO_ITERATIONS)),
    ("NEW-EPOCH-01", "sft", each("dataset.dataloader_type", "single", "cyclic", with_=NO_ITERATIONS | {"train.num_epochs": 1})),
    ("NEW-EPOCH-01", "sft", each("train.num_epochs", 1)),
    ("NEW-EPOCH-01", "sft", each("train.rampup_batch_size", [16, 16, 100], with_=NO_ITERATIONS | {"train.num_epochs": 1})),
    ("NEW-EPOCH-01", "pretrain", each("train.num_epochs", 1, with_=NO_ITERATIONS)),
    ("NEW-SCHED-01", "pretrain", each("scheduler.max_steps", -1, 0, 1, 499999, 500000, 500001)),
    ("NEW-SCHED-01", "pretrain", each("scheduler.max_steps", 1000000, with_=NO_ITERATIONS | {"train.train_samples": 1024000000})),
    ("NEW-CP-01", "pretrain", grid({"parallelism.context_parallel_size": 4, "model.cp_comm_type": "a2a+p2p"},
                                   parallelism__hierarchical_context_parallel_sizes=[None, [2, 2], [4], [2, 1], [1, 4]])),
    ("NEW-CP-01", "pretrain", each("parallelism.hierarchical_context_parallel_sizes", [2, 2], [2, 1],
                                   with_={"parallelism.context_parallel_size": 4})),
    ("NEW-DATA-01", "sft", [HF | {"dataset.do_validation": False}, {"dataset.hf_dataset": {"dataset_name": "squad"}},
                            {"dataset.data_paths": None}]),
    ("NEW-DATA-02", "sft", each("dataset.hf_validation_proportion", -0.1, 0.0, 0.1, 0.999, 1.0, with_=HF)),
    ("NEW-DATA-02", "sft", each("dataset.hf_validation_proportion", 0.1, with_=HF | {"dataset.do_validation": False})),
    ("NEW-DATA-02", "sft", [{"dataset.hf_validation_proportion": 0.1}, {"dataset.hf_rewrite": True}, {"dataset.hf_output_root": "out"}]),
    ("NEW-DATA-03", "sft", grid(HF, dataset__do_validation=[True, False], dataset__do_test=[True, False])),
    ("NEW-DATA-04", "sft", each("dataset.enable_offline_packing", True)),
    ("NEW-DATA-04", "sft", [PACKED | {"dataset.enable_offline_packing": False}, PACKED | {"train.micro_batch_size": 2}, PACKED]),
    ("NEW-DATA-04", "sft", each("dataset.offline_packing_specs.packed_sequence_size", -1, 0, 1, 4096, 8192, with_=PACKED)),
    ("NEW-DATA-04", "sft", each("dataset.offline_packing_specs.max_single_sequence_length", -1, 0, 1, 4096, 4097, with_=PACKED)),
    ("NEW-DATA-04", "sft", each("dataset.offline_packing_specs.pad_seq_to_mult", None, -1, 0, 1, 64, with_=PACKED)),
    ("NEW-DATA-04", "sft", grid(PACKED, dataset__offline_packing_specs__pad_cu_seqlens=[True],
                                dataset__dataset_kwargs=[None, {"pad_to_max_length": False}, {"pad_to_max_length": True}])),
    ("NEW-DATA-06", "sft", each("dataset.dataset_kwargs", {"max_num_samples": 8}, {"chat": True}, {"answer_only_loss": True})),
    ("NEW-MOE-01", "pretrain", grid(model__moe_deepep_num_sms=[None, 16, 20], model__moe_hybridep_num_sms=[None, 16, 20],
                                    model__moe_flex_dispatcher_num_sms=[None, 24])),
    ("NEW-MOE-02", "pretrain", grid(model__moe_flex_dispatcher_backend=["ncclep"], model__moe_token_dispatcher_type=["alltoall", "flex"],
                                    model__moe_expert_rank_capacity_factor=[None, 1.5], model__moe_shared_expert_overlap=[False])),
    ("NEW-MOE-03", "pretrain", grid(FLEX | {"model.moe_shared_expert_overlap": False}, model__moe_flex_dispatcher_backend=["deepep", "hybridep"],
                                    model__moe_expert_rank_capacity_factor=[None, 0.0, 1.5], model__use_transformer_engine_op_fuser=[False, True])),
    ("MOE-18", "pretrain", grid(model__moe_token_dispatcher_type=["alltoall", "flex", "allgather"], model__moe_shared_expert_overlap=[False, True],
                                model__moe_flex_dispatcher_backend=["deepep", "hybridep"])),
    ("MOE-19", "pretrain", grid(FLEX | {"parallelism.expert_model_parallel_size": 1, "model.moe_shared_expert_overlap": False},
                                model__moe_flex_dispatcher_backend=["deepep", "hybridep"], parallelism__expert_tensor_parallel_size=[None, 1, 2])),
    ("NEW-MOE-04", "pretrain", grid(model__moe_paged_stash=[True], model__moe_expert_rank_capacity_factor=[None, 1.5])),
    ("NEW-MOE-05", "pretrain", grid(model__overlap_dispatch_backward_with_experts_wgrad=[True], comm_overlap__delay_wgrad_compute=[False, True],
                                    comm_overlap__overlap_moe_expert_parallel_comm=[False, True])),
    ("NEW-MOE-06", "pretrain", grid(model__moe_single_grouped_weight=[False, True], model__moe_single_grouped_bias=[False, True],
                                    model__moe_grouped_gemm=[False, True], model__use_transformer_engine_op_fuser=[False, True])),
    ("NEW-MOE-07", "pretrain", grid(model__use_grouped_gemm_for_shared_expert=[True], model__moe_shared_expert_glu_interleave_size=[None, 32])),
    ("NEW-MOE-09", "pretrain", grid(model__moe_router_load_balancing_type=["quantile_balancing"], model__moe_router_fusion=[False, True],
                                    model__moe_router_enable_expert_bias=[False, True])),
    ("NEW-MOE-10", "pretrain", grid(model__moe_latent_size=[None, 0, 1024], model__moe_shared_expert_overlap=[False, True])),
    ("MOE-14", "pretrain", grid(model__moe_router_score_function=["softmax", "sigmoid", "sqrtsoftplus", "tanh"],
                                model__moe_router_enable_expert_bias=[False, True])),
    ("MOE-31", "pretrain", grid({"comm_overlap.overlap_moe_expert_parallel_comm": True, "model.moe_shared_expert_overlap": False},
                                recompute__recompute_granularity=[None, "selective", "full"], recompute__recompute_modules=[None, ["moe"], ["core_attn"]],
                                model__mtp_num_layers=[None, 1, 2])),
    ("NEW-MLA-01", "pretrain", grid(model__mla_down_proj_fusion=[True], model__q_lora_rank=[None, 1535, 1536], model__kv_lora_rank=[511, 512])),
    ("NEW-MLA-01", "v3", each("model.mla_down_proj_fusion", True)),
    ("NEW-DSA-01", "v3", each("model.experimental_attention_variant", "dsa", "gated_delta_net")),
    ("NEW-ATT-01", "pretrain", grid(model__flash_attention_version=[None, 1, 2, 3, 4, 5], model__batch_invariant_mode=[False, True],
                                    model__attention_backend=["auto", "flash"])),
    ("MLA-09", "pretrain", grid(model__qk_l2_norm=[True], model__qk_layernorm=[False, True])),
    ("NEW-MTP-01", "pretrain", grid(model__mtp_num_layers=[0, 1, 2], model__mtp_use_repeated_layer=[False, True])),
    ("NEW-MTP-01", "layout", [{"model.mtp_num_layers": 1, "parallelism.pipeline_model_parallel_layout": layout}
                              for layout in ("Et*7|t*7|t*7|t*6mL", "Et*7|t*7|t*7m|t*6L", "Et*7|t*7|t*7|t*6L")]),
    ("NEW-MTP-01", "virtual", [{"model.mtp_num_layers": 1, "parallelism.pipeline_model_parallel_layout": layout}
                               for layout in ("Et*3|(t*4|)*5t*3|tmL", "Et*3|(t*4|)*5t*3m|tL", "Et*3|(t*4|)*2t*4m|(t*4|)*2t*3|tL")]),
    ("PIPE-28", "layout", each("parallelism.virtual_pipeline_model_parallel_size", None, 1)),
    ("PIPE-28", "pretrain", [{"model.num_layers": 28, "model.moe_layer_freq": 1, "parallelism.pipeline_model_parallel_size": 2,
                              "parallelism.virtual_pipeline_model_parallel_size": vp} for vp in (None, 1, 2, 7)]),
    ("RECOMP-03", "layout", each("recompute.recompute_num_layers", 1, 2, 3, 6, 7, 8, with_=FULL)),
    ("NEW-GTP-01", "pretrain", each("parallelism.tensor_parallel_num_weight_shards", 1, 2, 3, 4, 8)),
    ("NEW-GTP-01", "pretrain", each("parallelism.expert_tensor_parallel_num_weight_shards", 0, 1, 2, 4)),
    ("NEW-FP8-01", "pretrain", grid(model__fp8_output_proj=[True], mixed_precision__fp8=[None, "e4m3"], mixed_precision__fp8_recipe=["tensorwise", "mxfp8"])),
    ("NEW-CG-01", "pretrain", grid(GRAPH, model__cuda_graph_scope=[None, "attn"], model__cuda_graph_modules=[None, ["attn"], ["attn", "moe_router"], ["nothing"]])),
    ("NEW-CG-01", "pretrain", grid({"rng.te_rng_tracker": True, "model.cuda_graph_impl": "full_iteration"}, model__cuda_graph_modules=[None, [], ["attn"]],
                                   rerun_state_machine__check_for_nan_in_loss=[False, True])),
    ("NEW-CG-01", "pretrain", grid({"rng.te_rng_tracker": True, "model.cuda_graph_impl": "local"}, model__cuda_graph_scope=[None, "full_iteration", "attn"])),
    ("NEW-CG-02", "pretrain", grid(model__inference_cuda_graph_scope=["none", "layer", "block"], model__cuda_graph_impl=["none", "local", "transformer_engine"])),
    ("NEW-OFF-01", "pretrain", each("model.activation_offload_fraction", -0.1, 0.0, 0.5, 1.0, 1.1, with_=OFFLOAD)),
    ("NEW-OFF-01", "pretrain", each("model.offload_modules", None, [], ["moe_act"], ["expert_fc1"], ["fused_group_mlp"], ["core_attn", "attn_proj"],
                                    with_=OFFLOAD)),
    ("NEW-OFF-01", "pretrain", each("model.offload_modules", ["moe_act"], ["expert_fc1"], ["core_attn", "attn_proj"],
                                    with_=OFFLOAD | {"recompute.recompute_modules": ["moe"]})),
    ("NEW-OFF-01", "pretrain", each("model.fine_grained_offloading_max_inflight_offloads", -1, 0, 2, with_=OFFLOAD | GRAPH | {"model.cuda_graph_modules": ["attn"]})),
    ("NEW-OFF-01", "pretrain", each("model.delta_offload_bytes_across_pp_ranks", -1, 0, 1024, with_=OFFLOAD)),
    ("NEW-OFF-02", "pretrain", each("env_vars", {}, {"NVTE_CPU_OFFLOAD_V1": "0"}, {"NVTE_CPU_OFFLOAD_V1": 1}, with_=OFFLOAD)),
    ("NEW-DDP-01", "pretrain", grid(ddp__num_buckets=[None, -1, 0, 1, 8], ddp__bucket_size=[None, 40000000])),
    ("NEW-DDP-01", "pretrain", grid(ddp__param_name_patterns_for_fp32_local_accumulation=[[], ["all"]], mixed_precision__grad_reduce_in_fp32=[False, True])),
    ("NEW-OPT-01", "muon", grid(optimizer__optimizer=["muon", "dist_muon", "adaptive_muon", "soap", "lion", "dist_lion", "sgd", "adamw"],
                                optimizer__use_layer_wise_distributed_optimizer=[False, True])),
    ("MUON-03", "muon", grid(optimizer__optimizer=["muon", "dist_muon"], ddp__use_distributed_optimizer=[False, True],
                             optimizer__use_distributed_optimizer=[False, True])),
    ("MUON-06", "muon", grid(optimizer__muon_coefficient_type=["quintic", "simple", "polar_express", "aol", "custom", "none"], optimizer__muon_num_ns_steps=[0, 1, 5, 6, 8])),
    ("MUON-06", "muon", each("optimizer.muon_scalar_optimizer", "adam", "lion", "sgd")),
    ("MUON-06", "muon", each("optimizer.muon_scale_mode", "spectral", "unit_rms_norm", "shape_scaling", "none")),
    ("NEW-OPT-01", "pretrain", each("optimizer.optimizer", "muon", "lion", "soap", with_=MUON_IN_FULL)),
    ("NEW-OPT-02", "pretrain", grid(MXFP8, mixed_precision__reuse_grad_buf_for_mxfp8_param_ag=[False, True], mixed_precision__fp8_param_gather=[True],
                                    optimizer__overlap_param_gather_with_optimizer_step=[False, True])),
    ("NEW-RMS-01", "pretrain", grid(model__fused_residual_rmsnorm=[True], model__normalization=["RMSNorm", "LayerNorm"])),
    ("NEW-MUP-01", "pretrain", grid(model__use_mup=[True], model__mup_base_hidden_size=[None, -1, 0, 256])),
    ("NEW-PEFT-01", "lora", grid(EXPERT_LORA, peft__normalize_moe_lora=[True], peft__dim=[32, 36, 6, 5])),
    ("NEW-PEFT-02", "lora", grid(EXPERT_LORA, peft__share_expert_adapters=[False, True], peft__experts_shared_outer_loras=[False, True])),
    ("VOCAB-01", "pretrain", grid(tokenizer__use_tokenizer_vocab_size=[False, True], tokenizer__vocab_size=[1000, 163840, 163842])),
    ("BATCH-08", "pretrain", each("train.step_batch_size_schedule", "0:1024 1000000:2048", "0:7", "x")),
    ("TRAIN-06", "pretrain", each("train.train_samples", 1, 2047, 2048, 2049, with_=NO_ITERATIONS | {"dataset.kind": "indexed", "dataset.data_paths": [{"path": "a", "weight": 1.0}, {"path": "b", "weight": 1.0}]})),
    ("GPU-03", "pretrain", grid(parallelism__expert_tensor_parallel_size=[None, 1, 2], parallelism__expert_model_parallel_size=[1, 2, 8, 16],
                                cluster__num_nodes=[1, 2])),
    ("SEQ-01", "pretrain", grid(parallelism__tensor_model_parallel_size=[1, 2], parallelism__sequence_parallel=[False, True])),
    ("CKPT-15", "pretrain", each("checkpoint.custom_manager_class", None, "", "x", ".x", "x.", "package.Manager")),
    ("NEW-CP-02", "pretrain", grid({"model.num_layers": 28, "model.moe_layer_freq": 1, "parallelism.pipeline_model_parallel_size": 2, "train.global_batch_size": 1920,
                                    "parallelism.tensor_model_parallel_size": 1, "parallelism.sequence_parallel": False, "parallelism.expert_model_parallel_size": 1},
                                   model__hybrid_context_parallel=[False, True], cluster__num_nodes=[3, 4], cluster__gpus_per_node=[2])),
    ("PREC-05", "pretrain", grid(mixed_precision__loss_scale=[None, -1.0, 0.0, 128.0], mixed_precision__bf16=[True, False])),
    ("PREC-05", "muon", grid(mixed_precision__loss_scale=[-1.0, 0.0, 128.0], optimizer__optimizer=["muon", "dist_muon"],
                             optimizer__use_layer_wise_distributed_optimizer=[False, True])),
    ("PACK-03", "sft", each("dataset.offline_packing_specs.packed_train_data_path", "x.jsonl", "x.parquet", "x.pq", "*.parquet", with_=PACKED)),
    ("PACK-03", "sft", each("dataset.offline_packing_specs.packed_val_data_path", "x.jsonl", "x", with_=PACKED)),
    ("PACK-03", "sft", each("dataset.packed_sequence_specs.packed_val_data_path", "x.jsonl", "x", "x.parquet",
                            with_={"train.micro_batch_size": 1, "dataset.packed_sequence_specs": {"packed_sequence_size": 4096}})),
    ("MTP-02", "pretrain", grid(FULL, recompute__recompute_num_layers=[1, 2, 3], model__mtp_num_layers=[None, 1, 2])),
    ("MTP-02", "layout", grid(FULL | {"model.mtp_num_layers": 1}, recompute__recompute_num_layers=[1, 2],
                              parallelism__pipeline_model_parallel_layout=["Et*7|t*7|t*7|t*6mL", "Et*7|t*7|t*7m|t*6L"])),
    ("MTP-05", "pretrain", grid({"model.mtp_num_layers": 1}, model__hidden_size=[2048, 2049, 2050], parallelism__tensor_model_parallel_size=[1, 2, 4],
                                parallelism__sequence_parallel=[True])),
    ("NEW-TRAIN-01", "sft", each("train.train_samples", 1, 127, 128, 129, with_=NO_ITERATIONS)),
    ("NEW-FSDP-01", "pretrain", grid(FSDP, env_vars=[{}, {"CUDA_DEVICE_MAX_CONNECTIONS": "1"}, {"CUDA_DEVICE_MAX_CONNECTIONS": "32"}],
                                     ddp__fsdp_manual_registration=[False, True])),
    ("NEW-FSDP-01", "pretrain", grid(FSDP, ddp__data_parallel_sharding_strategy=["optim_grads", "optim_grads_params"],
                                     train__check_weight_hash_across_dp_replicas_interval=[None, 100])),
    ("NEW-LOG-01", "pretrain", grid(model__config_logger_dir=["", "/tmp/configs"], model__mtp_num_layers=[None, 1])),
    ("NEW-LOG-01", "muon", each("model.config_logger_dir", "/tmp/configs")),
    ("NEW-LOG-01", "pretrain", each("optimizer.config_logger_dir", "/tmp/configs")),
    ("NEW-LOG-01", "lora", each("model.config_logger_dir", "", "/tmp/configs")),
    ("NEW-LOG-01", "dense", each("model.config_logger_dir", "", "/tmp/configs")),
    ("NEW-MLA-02", "muon", grid(model__qk_clip=[False, True], model__log_max_attention_logit=[False, True])),
    ("CKPT-16", "pretrain", [{"checkpoint.finetune": True}, {"checkpoint.load_optim": False}]),
]


def table():
    """(id, base, overrides), each setting alone."""
    return [(rule, base, overrides) for rule, base, cases in SETTINGS for overrides in cases]


def generate(seed, count):
    """(base, overrides): two or three settings of one base together."""
    source = random.Random(seed)
    by_base = {}
    for _, base, overrides in table():
        by_base.setdefault(base, []).append(overrides)
    for _ in range(count):
        base = source.choices(list(by_base), weights=[len(cases) for cases in by_base.values()])[0]
        merged = {}
        for overrides in source.sample(by_base[base], min(source.choice([2, 2, 3]), len(by_base[base]))):
            merged |= overrides
        yield base, merged
