"""Holds the built `moonlight` against the real start-up on configs that it wrote itself, with a few values changed, for the installed release.

A third way of making cases, apart from random_cases.py and field_cases.py: it begins with what `moonlight generate`
writes (every recipe, model, adapter, layout and switch), changes one to four values, each at or beside a boundary that
the constraints name, and asks the program as a user would: exit status and `derived` of `validate --format json`.

    python recipe_cases.py --moonlight ../../.build/debug/moonlight --seed 1 --count 1000 [--keep DIR]

Prints each disagreement. Where Megatron accepts and reading alone refuses (a word, a type or a number without meaning), the
case is printed as `form` and counted apart: reading is stricter in form by design. So is, as `later`, what start-up does not
see (Tests/Fixtures/agreement/unseen_at_start.json).
"""

import argparse
import collections
import json
import multiprocessing
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import phases  # noqa: F401  First: it installs the stand-ins.
import base_configs
import bridge_mapping
import field_cases
import megatron_agreement
import spelling
import stand_ins

# --- bases -------------------------------------------------------------------------------------------------------

PP, VP, EP = "--pipeline-model-parallel-size", "--virtual-pipeline-model-parallel-size", "--expert-model-parallel-size"
PRETRAIN, FINETUNE = "pretrain --mock", "finetune --data-paths /data/sft --pretrained-checkpoint /ckpt"
# The tiny recipes' own tokenizer is this package's.
NULL_TOKENIZER = "--set tokenizer.tokenizer_type=NullTokenizer --set tokenizer.vocab_size=256"
COMMANDS = [
    PRETRAIN,
    *(f"{PRETRAIN} --num-nodes {n} {PP} {pp} --layout {layout}" + (f" {VP} {vp}" if vp else "")
      for n, pp, vp, layout in [(2, 2, None, "documented"), (4, 4, None, "balanced"), (8, 8, None, "balanced"),
                                (2, 2, 2, "documented"), (4, 4, 2, "balanced"), (4, 4, None, "8+7+7+6")]),
    f"{PRETRAIN} --enable-deepep",
    f"{PRETRAIN} --apply-rope-fusion",
    f"{PRETRAIN} --recompute-granularity full --recompute-method block --recompute-num-layers 3",
    f"{PRETRAIN} --recipe moonlight_16b_pretrain_muon_config",
    f"{PRETRAIN} --recipe moonlight_16b_pretrain_muon_config --num-nodes 4 {PP} 4 --layout balanced",
    f"{PRETRAIN} --recipe moonlight_tiny_pretrain_config {NULL_TOKENIZER}",
    f"{PRETRAIN} --model moonlight-16b-a3b-documented",
    f"{PRETRAIN} --model deepseek-v2-lite",
    f"{PRETRAIN} --model deepseek-v3 --num-nodes 64 {EP} 64 {PP} 8 --layout balanced",
    f"{PRETRAIN} --model kimi-k2 --num-nodes 128 {EP} 64 {PP} 16 --layout balanced",
    "pretrain --data-paths /data/a_text_document",
    "pretrain --data-paths '0.3 /data/a 0.7 /data/b' --set dataset.kind=indexed",
    "pretrain --train-data-path /data/a --valid-data-path /data/b --test-data-path /data/c --set dataset.kind=indexed",
    f"{FINETUNE} --peft lora", f"{FINETUNE} --peft dora", f"{FINETUNE} --peft none",
    f"{FINETUNE} --peft none --packed-sequence", f"{FINETUNE} --peft lora --packed-sequence",
    f"{FINETUNE} --peft lora --num-nodes 2 {PP} 2 --layout balanced {EP} 4",
    f"{FINETUNE} --recipe moonlight_tiny_finetune_config {NULL_TOKENIZER}",
]


def generated(moonlight):
    """The tree that each command writes, by the command."""
    bases = {}
    for command in COMMANDS:
        release = stand_ins.RELEASE.megatron_bridge
        run = subprocess.run(f"{moonlight} generate {command} --megatron-bridge {release} --format json", shell=True,
                             capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"{command}:\n{run.stderr}")
        bases[command] = json.loads(run.stdout)
    return bases


# --- our files as Megatron's objects -------------------------------------------------------------------------------

def reference(config):
    """A file's tree as bridge_mapping.py reads one."""
    config = json.loads(json.dumps(config))
    data = config["dataset"]
    specs = {name: data.pop(name, None) for name in ("packed_sequence_size", "pad_seq_to_mult")}
    sources = [data.get(name) or [] for name in ("data_paths", "valid_data_paths", "test_data_paths")]
    if data["kind"] == "sft":
        if not sources[0] and data.get("dataset_name") and spelling.known("dataset.hf_dataset"):
            data["hf_dataset"] = {"dataset_name": data["dataset_name"]}
        data.pop("hf_validation_proportion", None)  # of files the launch's prepare_data.py takes it; no export writes it
        if isinstance(specs["packed_sequence_size"], int) and specs["packed_sequence_size"] > 0:
            if spelling.known("dataset.packed_sequence_specs"):
                data["packed_sequence_specs"] = specs
            else:
                data |= {"offline_packing_specs": specs, "enable_offline_packing": True}
    elif data["kind"] != "mock" and (sources[1] or sources[2]):
        data["blend_per_split"] = [bridge_mapping.blend(paths) for paths in sources]
        data["data_paths"] = None
    for section, cls in bridge_mapping.CLASSES.items():
        if isinstance(config.get(section), dict):
            config[section] = known(config[section], cls)
    finetunes = data["kind"] == "sft"
    own = bridge_mapping.OURS_ALONE["dataset"] | {"random_seed"}
    bridge = bridge_mapping.bridge
    files = bridge_mapping.FileDatasetConfig
    config["dataset"] = known(data, files if finetunes else bridge.GPTDatasetConfig, own)
    if isinstance(config.get("peft"), dict):
        adapters = bridge_mapping.DoRA if config["peft"]["peft_scheme"] == "dora" else bridge_mapping.LoRA
        config["peft"] = known(config["peft"], adapters, {"peft_scheme"})
    return config


def known(values, cls, others=frozenset()):
    """The fields that a class of Megatron's has; the others of a file steer this package."""
    names = {field.name for field in bridge_mapping.fields(cls)} | others
    return {name: value for name, value in values.items() if name in names}


# --- changes -------------------------------------------------------------------------------------------------------

P, M, T, O, S, D = "parallelism.", "model.", "train.", "optimizer.", "scheduler.", "ddp."
SIZES = {name: P + path for name, path in {
    "tp": "tensor_model_parallel_size", "pp": "pipeline_model_parallel_size", "vp": "virtual_pipeline_model_parallel_size",
    "cp": "context_parallel_size", "ep": "expert_model_parallel_size", "etp": "expert_tensor_parallel_size"}.items()}
LAYERS, FREQ, LAYOUT = M + "num_layers", M + "moe_layer_freq", P + "pipeline_model_parallel_layout"
# Numbers, each with those it is compared with or divided by.
NUMBERS = {
    **{path: [*SIZES.values(), "cluster.gpus_per_node"] for path in SIZES.values()},
    "cluster.num_nodes": list(SIZES.values()), "cluster.gpus_per_node": list(SIZES.values()),
    LAYERS: [SIZES["pp"], SIZES["vp"]], M + "num_attention_heads": [SIZES["tp"], M + "num_query_groups"],
    M + "num_query_groups": [SIZES["tp"], M + "num_attention_heads"], M + "kv_channels": [M + "hidden_size"],
    M + "hidden_size": [SIZES["tp"], M + "num_attention_heads"], M + "ffn_hidden_size": [SIZES["tp"], SIZES["etp"]],
    M + "moe_ffn_hidden_size": [SIZES["tp"], SIZES["etp"]], M + "moe_shared_expert_intermediate_size": [SIZES["tp"], SIZES["etp"]],
    M + "kv_lora_rank": [SIZES["tp"]], M + "q_lora_rank": [SIZES["tp"], M + "kv_lora_rank"], M + "qk_head_dim": [SIZES["tp"]],
    M + "qk_pos_emb_head_dim": [M + "qk_head_dim"], M + "v_head_dim": [M + "qk_head_dim"],
    M + "num_moe_experts": [SIZES["ep"], M + "moe_router_topk", M + "moe_router_num_groups"],
    M + "moe_router_topk": [M + "num_moe_experts", M + "moe_router_group_topk"],
    M + "moe_router_num_groups": [M + "num_moe_experts", M + "moe_router_group_topk"],
    M + "moe_router_group_topk": [M + "moe_router_num_groups", M + "moe_router_topk"],
    M + "moe_router_topk_limited_devices": [SIZES["ep"], M + "moe_router_topk"],
    FREQ: [LAYERS], M + "mtp_num_layers": [M + "mtp_num_layers"],
    M + "vocab_size": ["tokenizer.vocab_size", SIZES["tp"]], "tokenizer.vocab_size": [M + "vocab_size"],
    M + "make_vocab_size_divisible_by": [SIZES["tp"]], M + "seq_length": [SIZES["cp"], SIZES["tp"], "dataset.seq_length"],
    "dataset.seq_length": [M + "seq_length", SIZES["cp"]], M + "max_position_embeddings": [M + "seq_length"],
    P + "num_layers_in_first_pipeline_stage": [LAYERS, SIZES["pp"], SIZES["vp"]],
    P + "num_layers_in_last_pipeline_stage": [LAYERS, SIZES["pp"], SIZES["vp"]],
    P + "microbatch_group_size_per_vp_stage": [SIZES["pp"], T + "global_batch_size"],
    T + "global_batch_size": [T + "micro_batch_size", SIZES["pp"], SIZES["tp"], "cluster.gpus_per_node"],
    T + "micro_batch_size": [T + "global_batch_size"], T + "train_iters": [S + "lr_warmup_iters", T + "global_batch_size"],
    T + "train_samples": [T + "global_batch_size", S + "lr_warmup_samples"], T + "manual_gc_interval": [],
    "validation.eval_interval": [T + "train_iters"], "validation.eval_iters": [],
    "recompute.recompute_num_layers": [LAYERS, SIZES["pp"]],
    S + "lr_warmup_iters": [T + "train_iters", S + "lr_decay_iters"], S + "lr_warmup_samples": [T + "train_samples"],
    S + "lr_decay_iters": [T + "train_iters", S + "lr_warmup_iters"], S + "lr_decay_samples": [S + "lr_warmup_samples"],
    S + "lr_wsd_decay_iters": [S + "lr_decay_iters"], S + "lr_wsd_decay_samples": [],
    O + "muon_num_ns_steps": [], D + "num_distributed_optimizer_instances": [SIZES["tp"], SIZES["ep"]], D + "bucket_size": [],
    "mixed_precision.num_layers_at_start_in_bf16": [LAYERS, SIZES["pp"]],
    "mixed_precision.num_layers_at_end_in_bf16": [LAYERS, SIZES["pp"]], M + "cpu_offloading_num_layers": [LAYERS],
    M + "wgrad_deferral_limit": [], "rng.seed": [], "logger.log_interval": [], "dataset.num_workers": [],
    "dataset.packed_sequence_size": [M + "seq_length"], "dataset.pad_seq_to_mult": [SIZES["cp"], SIZES["tp"]],
    "peft.dim": [SIZES["tp"], SIZES["etp"]], "peft.alpha": ["peft.dim"], "checkpoint.save_interval": [T + "train_iters"],
    "checkpoint.ckpt_step": [], "checkpoint.most_recent_k": [], "dist.distributed_timeout_minutes": [],
    M + "original_max_position_embeddings": [M + "seq_length"],
}
REALS = {
    O + "lr": [O + "min_lr", S + "lr_warmup_init"], O + "min_lr": [O + "lr"], S + "lr_warmup_init": [O + "lr"],
    S + "start_weight_decay": [S + "end_weight_decay"], S + "end_weight_decay": [S + "start_weight_decay"],
    S + "lr_warmup_fraction": [], O + "clip_grad": [], O + "weight_decay": [], O + "adam_beta1": [], O + "adam_eps": [],
    M + "moe_aux_loss_coeff": [], M + "moe_z_loss_coeff": [], M + "moe_expert_capacity_factor": [], M + "layernorm_epsilon": [],
    M + "moe_router_topk_scaling_factor": [], M + "rotary_scaling_factor": [], M + "rotary_base": [], M + "mscale": [],
    M + "hidden_dropout": [], M + "attention_dropout": [], "peft.dropout": [], O + "optimizer_offload_fraction": [],
    M + "init_method_std": [], O + "muon_momentum": [], M + "mtp_loss_scaling_factor": [], M + "rotary_percent": [], M + "beta_fast": [], M + "beta_slow": [],
}
WORDS = {
    M + "position_embedding_type": ["rope", "learned_absolute", "none", "yarn", "mrope", "relative"],
    M + "rope_type": ["rope", "yarn", "linear"], M + "normalization": ["RMSNorm", "LayerNorm", "L2Norm"],
    M + "activation_func": ["silu", "gelu", "relu", "squared_relu", "quick_gelu"],
    M + "moe_router_score_function": ["softmax", "sigmoid", "tanh"], M + "moe_router_dtype": ["fp32", "fp64", None],
    M + "moe_router_load_balancing_type": ["aux_loss", "seq_aux_loss", "global_aux_loss", "sinkhorn", "none", "aux",
                                           ["aux_loss"], ["aux_loss", "seq_aux_loss"]],
    M + "moe_token_dispatcher_type": ["alltoall", "allgather", "flex", "alltoall_seq"],
    M + "moe_flex_dispatcher_backend": ["deepep", "hybridep", None, "nccl"],
    M + "transformer_impl": ["transformer_engine", "local", "inference_optimized"],
    M + "attention_backend": ["auto", "flash", "fused", "unfused", "local"],
    M + "cross_entropy_fusion_impl": ["te", "native"], M + "cuda_graph_impl": ["none", "local", "transformer_engine"],
    M + "cuda_graph_scope": ["full", "attn", "moe", ["attn"], ["moe", "mlp"], [], "full_iteration"],
    P + "cp_comm_type": ["p2p", "all_gather", "a2a", ["p2p"] * 27], P + "pipeline_dtype": ["bf16", "fp16", "fp32"],
    P + "pipeline_model_parallel_comm_backend": [None, "nccl", "ucc", "gloo"],
    P + "hierarchical_context_parallel_sizes": [None, [1], [2], [2, 2]],
    "recompute.recompute_granularity": [None, "full", "selective"], "recompute.recompute_method": [None, "uniform", "block"],
    "recompute.recompute_modules": [None, [], ["core_attn"], ["moe"], ["moe_act"], ["layernorm", "mlp"], ["mla_up_proj"],
                                    ["shared_experts"], ["moe", "moe_act", "core_attn"]],
    O + "optimizer": ["adam", "sgd", "muon", "dist_muon", "lion"],
    **{O + name: ["fp32", "bf16", "fp16", "uint8"] for name in (
        "main_params_dtype", "main_grads_dtype", "exp_avg_dtype", "exp_avg_sq_dtype")},
    O + "muon_scale_mode": ["spectral", "shape_scaling", "unit_rms_norm", "none"],
    O + "muon_coefficient_type": ["quintic", "simple", "polar_express", "aol"],
    O + "muon_tp_mode": ["blockwise", "duplicated", "distributed", "sharded"],
    S + "lr_decay_style": ["constant", "linear", "cosine", "inverse-square-root", "WSD", "exponential"],
    S + "weight_decay_incr_style": ["constant", "linear", "cosine", "step"],
    S + "lr_wsd_decay_style": ["exponential", "linear", "cosine", "minus_sqrt"],
    D + "data_parallel_sharding_strategy": ["no_shard", "optim", "optim_grads", "optim_grads_params"],
    "mixed_precision": ["bf16_mixed", "fp16_mixed", "bf16-with-fp8-current-scaling-mixed", "bf16_with_mxfp8_mixed",
                        "bf16_with_fp8_subchannel_scaling_mixed", "bf16_with_fp8_delayed_scaling_mixed",
                        "bf16_with_nvfp4_mixed", "fp8", None],
    "mixed_precision.params_dtype": ["bf16", "fp16", "fp32"], "mixed_precision.fp8": [None, "hybrid", "e4m3"],
    "mixed_precision.fp8_recipe": ["tensorwise", "delayed", "mxfp8", "blockwise"], "mixed_precision.fp4": [None, "e2m1"],
    "dataset.split": ["9999,8,2", "1,1,1", "100", "1,0", "0,0,0", "a,b", "1,2,3,4", "1.2.3", "-1,2,3", None, ""],
    "dataset.dataloader_type": ["single", "cyclic", "batch", "external", None],
    "dataset.data_paths": [[], ["/a"], [{"path": "/a", "weight": 1.0}], [{"path": "/a", "weight": 0.0}, {"path": "/b", "weight": 1.0}],
                           [{"path": "/a", "weight": 0.3}, "/b"]],
    "tokenizer.tokenizer_type": ["NullTokenizer", "HuggingFaceTokenizer", "SentencePieceTokenizer", "GPT2BPETokenizer",
                                 "TikTokenizer", "None"],
    "checkpoint.ckpt_format": ["torch_dist", "fsdp_dtensor", "torch"], "checkpoint.save": [None, "/x"],
    "checkpoint.load": [None, "/x"], "checkpoint.pretrained_checkpoint": [None, "/x"],
    "checkpoint.non_persistent_ckpt_type": [None, "global", "local", "in_memory"],
    "peft.peft_scheme": ["lora", "dora"], "peft.dropout_position": ["pre", "post"],
    "peft.lora_A_init_method": ["xavier", "normal", "kaiming", "zero", "ones"],
    "peft.lora_B_init_method": ["xavier", "normal", "kaiming", "zero", "ones"],
    "peft.target_modules": [[], ["linear_qkv"], ["linear_proj"], ["linear_fc1", "linear_fc2"], ["router"], ["output_layer"],
                            ["*.layers.0.*"], ["linear_kv_down_proj"], ["embedding"], ["mlp"], ["word_embeddings"],
                            ["*shared_experts*"], ["linear_q_down_proj"], ["linear_q_up_proj", "linear_proj"]],
    "peft.exclude_modules": [[], ["linear_proj"], ["*.mlp.*"]],
    "logger.wandb_project": [None, "p"], "logger.wandb_exp_name": [None, "", "e"],
    "env_vars.NVTE_FLASH_ATTN": ["0", "1"], "env_vars.CUDA_DEVICE_MAX_CONNECTIONS": ["1", "8"],
    "env_vars.NCCL_ALGO": ["Ring", "NVLS"], "env_vars.NVTE_ALLOW_NONDETERMINISTIC_ALGO": ["0", "1"],
    "env_vars.NVTE_APPLY_QK_LAYER_SCALING": ["0", "1"], "dist.sharp_enabled_group": [None, "dp", "dp_replica"],
}
SWITCHES = [
    *(M + name for name in (
        "multi_latent_attention qk_layernorm qk_l2_norm attention_output_gate cache_mla_latents rotary_interleaved "
        "apply_rope_fusion gated_linear_unit add_bias_linear add_qkv_bias moe_router_pre_softmax moe_router_enable_expert_bias "
        "moe_router_force_load_balancing moe_router_padding_for_fp8 moe_router_padding_for_quantization moe_grouped_gemm "
        "moe_use_legacy_grouped_gemm moe_permute_fusion moe_enable_deepep moe_shared_expert_overlap "
        "moe_pad_expert_input_to_capacity moe_layer_recompute overlap_moe_expert_parallel_comm delay_wgrad_compute "
        "gradient_accumulation_fusion cross_entropy_loss_fusion bias_activation_fusion bias_dropout_fusion "
        "masked_softmax_fusion persist_layer_norm apply_query_key_layer_scaling calculate_per_token_loss deterministic_mode "
        "tp_comm_overlap overlap_p2p_comm batch_p2p_comm overlap_p2p_comm_warmup_flush defer_embedding_wgrad_compute "
        "variable_seq_lengths cpu_offloading use_te_rng_tracker fine_grained_activation_offloading fp16 bf16 "
        "share_embeddings_and_output_weights").split()),
    P + "sequence_parallel", P + "account_for_embedding_in_pipeline_split", P + "account_for_loss_in_pipeline_split",
    "recompute.distribute_saved_activations", T + "decrease_batch_size_if_needed", T + "manual_gc", T + "manual_gc_eval",
    *(O + name for name in "use_distributed_optimizer use_precision_aware_optimizer optimizer_cpu_offload overlap_param_gather "
      "decoupled_weight_decay store_param_remainders muon_use_nesterov muon_split_qkv".split()),
    S + "use_checkpoint_opt_param_scheduler", S + "override_opt_param_scheduler",
    *(D + name for name in "use_distributed_optimizer grad_reduce_in_fp32 overlap_grad_reduce overlap_param_gather "
      "align_param_gather average_in_collective use_megatron_fsdp reduce_scatter_with_fp32_accumulation".split()),
    *("mixed_precision." + name for name in "fp16 bf16 fp8_param fp8_param_gather reuse_grad_buf_for_mxfp8_param_ag "
      "first_last_layers_bf16 grad_reduce_in_fp32".split()),
    *("comm_overlap." + name for name in "tp_comm_overlap overlap_p2p_comm batch_p2p_comm overlap_grad_reduce "
      "overlap_param_gather align_param_gather defer_embedding_wgrad_compute overlap_moe_expert_parallel_comm "
      "delay_wgrad_compute overlap_param_gather_with_optimizer_step".split()),
    *("dataset." + name for name in "reset_position_ids reset_attention_mask eod_mask_loss do_validation do_test "
      "pack_sequences_in_batch".split()),
    *("checkpoint." + name for name in "async_save use_persistent_ckpt_worker load_main_params_from_ckpt load_optim "
      "dist_ckpt_optim_fully_reshardable distrib_optim_fully_reshardable_mem_efficient fully_parallel_save".split()),
    *("dist." + name for name in "use_tp_pp_dp_mapping use_gloo_process_groups use_sharp use_torch_fsdp2 "
      "enable_megatron_core_experimental".split()),
    "rng.te_rng_tracker", "rng.inference_rng_tracker",
]
UNSEEN_AT_START = json.loads((base_configs.FIXTURES / "unseen_at_start.json").read_text())
# Of no size at all, or beyond what a word holds.
ODD = [0, -1, 2, 3, 5, 7, 2**31 - 1, 2**31, 2**63 - 1, -(2**63)]


def value_at(config, path):
    for name in path.split("."):
        config = config.get(name) if isinstance(config, dict) else None
    return config


def number(rng, config, path):
    """At, beside, a multiple of, or a divisor of a number it is held against; rarely one of no size at all."""
    if rng.random() < 0.06:
        return rng.choice(ODD)
    near = [value_at(config, p) for p in [path, *NUMBERS[path]]]
    near = [n for n in near if isinstance(n, int) and not isinstance(n, bool)] or [1]
    n = rng.choice(near)
    return rng.choice([n, n - 1, n + 1, 2 * n, n // 2, 3 * n, n * rng.choice(near), None if rng.random() < 0.3 else 1])


def real(rng, config, path):
    near = [v for p in [path, *REALS[path]] if isinstance(v := value_at(config, p), (int, float))] or [0.1]
    n = float(rng.choice(near))
    return rng.choice([n, n * 1.01, n * 0.99, 0.0, 1.0, -n, 0.5, 2.0, 1e-30, None if rng.random() < 0.3 else n])


def world(rng, config):
    """So many GPUs, of which most fit the sizes."""
    sizes = {name: value_at(config, path) for name, path in SIZES.items()}
    if rng.random() < 0.3 or any(not isinstance(s, int) or s < 1 for n, s in sizes.items() if n not in ("vp", "etp")):
        count = rng.randint(1, 4096)
    else:
        etp = sizes["etp"] if isinstance(sizes["etp"], int) and sizes["etp"] > 0 else sizes["tp"]
        block = field_cases.math.lcm(sizes["tp"] * sizes["cp"], etp * sizes["ep"]) * sizes["pp"]
        count = block * rng.choice([1, 2, 3, 4, 6])
    gpus = rng.choice([g for g in (8, 4, 1, 3, 6) if count % g == 0])
    return {"cluster.num_nodes": count // gpus, "cluster.gpus_per_node": gpus}


def fitting(rng, config, changes):
    """GPUs and batch that fit the sizes as they are now, so that only what was changed is judged."""
    changed = base_configs.changed(config, changes)
    changes |= world(rng, changed)
    changed = base_configs.changed(config, changes)
    sizes = [value_at(changed, SIZES[name]) for name in ("tp", "pp", "cp")]
    micro = value_at(changed, T + "micro_batch_size")
    if all(isinstance(n, int) and n > 0 for n in [*sizes, micro]):
        count = changed["cluster"]["num_nodes"] * changed["cluster"]["gpus_per_node"]
        replicas = max(1, count // field_cases.math.prod(sizes))
        changes[T + "global_batch_size"] = micro * replicas * sizes[1] * rng.randint(1, 5)


def layout(rng, config):
    """Another pipeline with a layout that fits it, or nearly."""
    layers = value_at(config, LAYERS)
    pp, vp = rng.choice([1, 2, 3, 4, 5, 8]), rng.choice([None, None, 1, 2, 3])
    if pp == 1:
        vp = None
    stages = field_cases.lists(rng, pp * (vp or 1), layers if isinstance(layers, int) and 0 < layers < 99 else 27, 0)
    if rng.random() < 0.25:
        stages = field_cases.scrambled(rng, stages)
    text = field_cases.text(rng, stages)
    if rng.random() < 0.15:
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.choice(list("EtmL|()*,0123 e")) + text[place + rng.choice([0, 1]):]
    spelled = stages if rng.random() < 0.2 else text
    return {SIZES["pp"]: pp, SIZES["vp"]: rng.choice([vp, vp, None]), LAYOUT: spelled}


def ramp(rng, config):
    batch = value_at(config, T + "global_batch_size")
    batch = batch if isinstance(batch, int) and 0 < batch < 10**6 else 64
    start = rng.choice([batch // 2, batch // 4, batch, 1, 0, batch + 1])
    step = rng.choice([max(1, (batch - start) // 2), max(1, batch - start), 1, 0, 3])
    triple = [start, step, rng.choice([0, 1, 1000, batch, -1])]
    return {T + "rampup_batch_size": rng.choice([triple, triple, triple[:2]])}


def depth(rng, config):
    """Another number of layers, mostly with a pattern and a split that go with it."""
    count = rng.choice([1, 2, 12, 24, 26, 27, 28, 32, 48, 61])
    out = {LAYERS: count, LAYOUT: None,
           FREQ: rng.choice([1, 2, count, [0] + [1] * (count - 1), [1] * count, [0] * count, [1] * (count + 1), 0, []])}
    if rng.random() < 0.4:
        out |= {P + "account_for_embedding_in_pipeline_split": rng.random() < 0.5,
                P + "account_for_loss_in_pipeline_split": rng.random() < 0.5}
    if rng.random() < 0.3:
        out |= {P + "num_layers_in_first_pipeline_stage": rng.choice([None, 1, 2, count // 2, count]),
                P + "num_layers_in_last_pipeline_stage": rng.choice([None, 1, 2, count // 2])}
    return out


def samples(rng, _config):
    total = rng.choice([1, 1000, 10**6, 10**9])
    return {T + "train_iters": None, T + "train_samples": total, S + "lr_decay_iters": None, S + "lr_warmup_iters": 0,
            S + "lr_warmup_samples": rng.choice([0, total // 10, total, total + 1]),
            S + "lr_decay_samples": rng.choice([None, total, total // 2])}


def without_fields_of_names(changes):
    """A section that is replaced by the name of a recipe has no fields."""
    if "mixed_precision" not in changes:
        return changes
    return {path: value for path, value in changes.items() if not path.startswith("mixed_precision.")}


def changes(rng, base, paths):
    """One to four changes of a base. Fields the file does not have are left alone, but for a few of the real classes'."""
    out = {}
    for _ in range(rng.choice([1, 1, 2, 2, 3, 4])):
        out = without_fields_of_names(out)
        config = base_configs.changed(base, out)
        kind = rng.random()
        if kind < 0.40:
            path = rng.choice(paths["numbers"])
            out[path] = number(rng, config, path)
        elif kind < 0.58:
            path = rng.choice(paths["words"])
            out[path] = rng.choice(WORDS[path])
        elif kind < 0.76:
            out[rng.choice(paths["switches"])] = rng.random() < 0.6
        elif kind < 0.82:
            path = rng.choice(paths["reals"])
            out[path] = real(rng, config, path)
        else:
            out |= rng.choice([layout, layout, ramp, depth, world, samples])(rng, config)
    out = without_fields_of_names(out)
    if rng.random() < 0.6:
        fitting(rng, base, out)
    # In a file of ours null leaves it to the model's.
    if out.get("dataset.seq_length", 0) is None:
        del out["dataset.seq_length"]
    return out


def applicable(base):
    """The paths of the tables that this base's sections are there for."""

    def there(path):
        section = path.split(".")[0]
        return section in ("env_vars", "mixed_precision") or isinstance(base.get(section), dict)

    tables = {"numbers": NUMBERS, "words": WORDS, "reals": REALS, "switches": SWITCHES}
    return {name: [path for path in table if there(path)] for name, table in tables.items()}


def generate(bases, seed, count):
    rng = random.Random(seed)
    names = list(bases)
    paths = {name: applicable(base) for name, base in bases.items()}
    for _ in range(count):
        name = rng.choice(names)
        yield name, changes(rng, bases[name], paths[name])


# --- both verdicts -------------------------------------------------------------------------------------------------


class TimeOut(Exception):
    pass


def start_up(config):
    """The real verdict; None where the start-up takes too long or too much memory to judge."""

    def stop(*_):
        raise TimeOut

    try:
        tree = reference(config)
        signal.signal(signal.SIGALRM, stop)
        signal.alarm(60)
        result = megatron_agreement.verdict(tree)
        undecided = ("TimeOut", "MemoryError", *megatron_agreement.UNDECIDED)
        if any(text in result.get("error", "") for text in undecided):
            return None
        if result["verdict"] == "accept" and (why := megatron_agreement.hole(tree)):
            result["hole"] = why
        return result
    except (TimeOut, MemoryError):
        return None
    except Exception as error:  # noqa: BLE001  A value that the mapping cannot read: refused by every program.
        return {"verdict": "refuse", "phase": "mapping", "error": repr(error)[:160], "rule": None}
    finally:
        signal.alarm(0)


def validate(moonlight, folder, names):
    """What the program says of each file: {name: object}, in runs of many files; a crash is found file by file."""
    found = {}
    for begin in range(0, len(names), 50):
        part = names[begin:begin + 50]
        try:
            run = subprocess.run([moonlight, "validate", "--format", "json", *part], cwd=folder, capture_output=True,
                                 text=True, timeout=60)
            found |= {answer["file"]: answer for answer in json.loads(run.stdout)}
            assert run.returncode in (0, 1), run.returncode
        except (subprocess.TimeoutExpired, ValueError, AssertionError):
            for name in part:
                try:
                    run = subprocess.run([moonlight, "validate", "--format", "json", name], cwd=folder,
                                         capture_output=True, text=True, timeout=20)
                    found[name] = json.loads(run.stdout)[0]
                except (subprocess.TimeoutExpired, ValueError) as error:
                    found[name] = {"ok": None, "crash": repr(error)[:200], "diagnostics": []}
    return found


def derived_difference(ours, theirs):
    """What of `derived` differs; None if nothing."""
    if ours is None:
        return "no derived values"
    keys = ["data_parallel_size", "expert_data_parallel_size", "num_microbatches", "padded_vocab_size"]
    wrong = [f"{key}: {theirs[key]} there, {ours[key]} here" for key in keys
             if theirs.get(key) is not None and theirs[key] != ours[key]]
    stages = sorted([s["pp"], s["vp"], s["first_layer"], s["num_layers"]] for s in ours["stages"])
    if stages != sorted(theirs["stages"]):
        wrong.append(f"stages: {theirs['stages']} there, {stages} here")
    return "; ".join(wrong) or None


def judged(record, ours):
    """The disagreement, or None; and how it is counted: `form` where only reading refuses, `later` where only what start-up
    does not see does."""
    theirs = record["theirs"]
    if ours["ok"] is None:
        return f"CRASH {ours['crash']}", "DISAGREE"
    if theirs is None:
        return None, None
    errors = [d for d in ours["diagnostics"] if d["severity"] == "error"]
    said = "; ".join(f"{d['code']} {d['path']}: {d['message']}" for d in errors)
    if theirs["verdict"] == "refuse":
        return (None, None) if errors else (f"Megatron refuses ({theirs['rule']} {theirs['phase']}: {theirs['error']})", "DISAGREE")
    if not errors:
        difference = None if "hole" in theirs else derived_difference(ours["derived"], theirs["derived"])
        return difference, "DISAGREE"
    if "hole" in theirs:
        return None, None
    kind = "DISAGREE"
    if all(d["code"].startswith("FIELD") for d in errors):
        kind = "form"
    elif all(d["code"].startswith("FIELD") or d["code"] in UNSEEN_AT_START for d in errors):
        kind = "later"
    return f"Megatron accepts; here {said}", kind


def _limit():
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moonlight", required=True, type=lambda p: str(Path(p).resolve()))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--keep", type=Path, help="a folder for the files and `cases.jsonl`")
    options = parser.parse_args()
    began = time.time()
    bases = generated(options.moonlight)
    print(f"{len(bases)} bases", file=sys.stderr)
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        records = []
        cases = [(name, {}) for name in bases] + list(generate(bases, options.seed, options.count))
        with multiprocessing.Pool(1, initializer=_limit, maxtasksperchild=500) as pool:
            configs = [base_configs.changed(bases[name], change) for name, change in cases]
            for i, theirs in enumerate(pool.imap(start_up, configs)):
                (folder / f"{i}.json").write_text(json.dumps(configs[i], indent=1))
                records.append({"id": i, "base": cases[i][0], "set": cases[i][1], "theirs": theirs})
        if options.keep:
            (folder / "cases.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
        answers = validate(options.moonlight, folder, [f"{record['id']}.json" for record in records])
        for record in records:
            wrong, kind = judged(record, answers[f"{record['id']}.json"])
            verdict = record["theirs"] and record["theirs"]["verdict"]
            counts[verdict or "undecided"] += 1
            if wrong:
                counts[{"form": "stricter in form", "later": "fails later"}.get(kind, kind)] += 1
                print(kind, record["id"], record["base"], json.dumps(record["set"]), "\n   ", wrong)
    print(dict(counts), f"{time.time() - began:.0f} s")
    return 1 if counts["DISAGREE"] else 0


if __name__ == "__main__":
    sys.exit(main())
