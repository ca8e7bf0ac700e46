"""Writes Tests/Fixtures/agreement/base_*.json: the launch configs that the agreement cases change.

They are Moonlight-16B-A3B with the recipe defaults of the documented release (pretrain, full SFT, LoRA), plus three
variants: a pipeline layout, a virtual pipeline, and Muon.
"""

import copy
import json
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures" / "agreement"

MODEL = {
    "num_layers": 27,
    "hidden_size": 2048,
    "ffn_hidden_size": 11264,
    "num_attention_heads": 16,
    "num_query_groups": None,
    "kv_channels": 16,
    "multi_latent_attention": True,
    "q_lora_rank": None,
    "kv_lora_rank": 512,
    "qk_head_dim": 128,
    "qk_pos_emb_head_dim": 64,
    "v_head_dim": 128,
    "num_moe_experts": 64,
    "moe_router_topk": 6,
    "moe_ffn_hidden_size": 1408,
    "moe_shared_expert_intermediate_size": 2816,
    "moe_shared_expert_overlap": True,
    "moe_layer_freq": [0] + [1] * 26,
    "moe_router_num_groups": 1,
    "moe_router_group_topk": 1,
    "moe_router_topk_scaling_factor": 2.446,
    "moe_router_score_function": "sigmoid",
    "moe_router_enable_expert_bias": True,
    "moe_router_bias_update_rate": 1.0e-3,
    "moe_router_pre_softmax": True,
    "moe_router_load_balancing_type": "seq_aux_loss",
    "moe_aux_loss_coeff": 0.001,
    "moe_router_dtype": "fp32",
    "moe_router_fusion": False,
    "moe_router_force_load_balancing": False,
    "moe_grouped_gemm": True,
    "moe_permute_fusion": True,
    "moe_token_dispatcher_type": "alltoall",
    "moe_flex_dispatcher_backend": "deepep",
    "moe_enable_deepep": False,
    "moe_expert_capacity_factor": None,
    "moe_pad_expert_input_to_capacity": False,
    "moe_router_padding_for_fp8": False,
    "mtp_num_layers": None,
    "rope_type": "yarn",
    "rotary_base": 50000.0,
    "rotary_scaling_factor": 1.0,
    "mscale": 1.0,
    "mscale_all_dim": 1.0,
    "apply_rope_fusion": False,
    "position_embedding_type": "rope",
    "normalization": "RMSNorm",
    "layernorm_epsilon": 1.0e-5,
    "qk_layernorm": True,
    "activation_func": "silu",
    "gated_linear_unit": True,
    "add_bias_linear": False,
    "bias_activation_fusion": True,
    "bias_dropout_fusion": True,
    "masked_softmax_fusion": True,
    "persist_layer_norm": True,
    "attention_dropout": 0.0,
    "hidden_dropout": 0.0,
    "attention_softmax_in_fp32": False,
    "attention_backend": "auto",
    "init_method_std": 0.02,
    "share_embeddings_and_output_weights": False,
    "vocab_size": 163840,
    "make_vocab_size_divisible_by": 1280,
    "max_position_embeddings": 8192,
    "seq_length": 4096,
    "cross_entropy_loss_fusion": True,
    "cross_entropy_fusion_impl": "te",
    "gradient_accumulation_fusion": True,
    "async_tensor_model_parallel_allreduce": True,
    "calculate_per_token_loss": False,
    "deterministic_mode": False,
    "cuda_graph_impl": "none",
    "transformer_impl": "transformer_engine",
    "params_dtype": "bfloat16",
    "pipeline_dtype": "bfloat16",
    "bf16": True,
    "fp16": False,
}

PARALLELISM = {
    "tensor_model_parallel_size": 2,
    "pipeline_model_parallel_size": 1,
    "virtual_pipeline_model_parallel_size": None,
    "pipeline_model_parallel_layout": None,
    "context_parallel_size": 1,
    "expert_model_parallel_size": 8,
    "expert_tensor_parallel_size": 1,
    "sequence_parallel": True,
    "account_for_embedding_in_pipeline_split": False,
    "account_for_loss_in_pipeline_split": False,
    "num_layers_in_first_pipeline_stage": None,
    "num_layers_in_last_pipeline_stage": None,
    "microbatch_group_size_per_vp_stage": None,
}

PRETRAIN = {
    "schema_version": 1,
    "recipe": {"name": "moonlight-16b-a3b-pretrain", "mode": "pretrain", "description": None},
    "cluster": {"num_nodes": 2, "gpus_per_node": 8, "gpu_memory_gib": 80},
    "model": MODEL,
    "parallelism": PARALLELISM,
    "recompute": {
        "recompute_granularity": "selective",
        "recompute_method": None,
        "recompute_num_layers": None,
        "recompute_modules": None,
    },
    "train": {
        "train_iters": 500000,
        "train_samples": None,
        "global_batch_size": 2048,
        "micro_batch_size": 1,
        "rampup_batch_size": None,
        "decrease_batch_size_if_needed": False,
        "manual_gc": True,
        "manual_gc_interval": 5,
        "manual_gc_eval": True,
    },
    "validation": {"eval_interval": 2000, "eval_iters": 32},
    "optimizer": {
        "optimizer": "adam",
        "lr": 3.0e-4,
        "min_lr": 3.0e-5,
        "weight_decay": 0.1,
        "clip_grad": 1.0,
        "adam_beta1": 0.9,
        "adam_beta2": 0.95,
        "adam_eps": 1.0e-5,
        "use_distributed_optimizer": True,
        "use_precision_aware_optimizer": True,
        "main_params_dtype": "float32",
        "main_grads_dtype": "bfloat16",
        "exp_avg_dtype": "bfloat16",
        "exp_avg_sq_dtype": "bfloat16",
        "bf16": True,
        "fp16": False,
        "params_dtype": "bfloat16",
    },
    "scheduler": {
        "lr_decay_style": "cosine",
        "lr_warmup_init": 0.0,
        "lr_warmup_iters": 2000,
        "lr_warmup_samples": 0,
        "lr_warmup_fraction": None,
        "lr_decay_iters": 500000,
        "lr_decay_samples": None,
        "lr_wsd_decay_style": "exponential",
        "lr_wsd_decay_iters": None,
        "lr_wsd_decay_samples": None,
        "start_weight_decay": 0.033,
        "end_weight_decay": 0.033,
        "weight_decay_incr_style": "constant",
        "use_checkpoint_opt_param_scheduler": False,
        "override_opt_param_scheduler": True,
    },
    "ddp": {
        "check_for_nan_in_grad": True,
        "grad_reduce_in_fp32": False,
        "overlap_grad_reduce": True,
        "overlap_param_gather": True,
        "average_in_collective": True,
        "use_distributed_optimizer": True,
        "data_parallel_sharding_strategy": "no_shard",
    },
    "mixed_precision": {
        "bf16": True,
        "params_dtype": "bfloat16",
        "pipeline_dtype": "bfloat16",
        "autocast_enabled": False,
        "grad_reduce_in_fp32": False,
    },
    "comm_overlap": {"tp_comm_overlap": False},
    "peft": None,
    "dataset": {
        "kind": "mock",
        "data_paths": None,
        "split": "99990,8,2",
        "shuffle": True,
        "num_workers": 8,
        "seq_length": 4096,
        "random_seed": 1234,
        "dataloader_type": "single",
        "reset_position_ids": False,
        "reset_attention_mask": False,
        "eod_mask_loss": False,
    },
    "tokenizer": {"tokenizer_type": "NullTokenizer", "tokenizer_model": None, "vocab_size": 163840},
    "checkpoint": {
        "save": "checkpoints",
        "load": "checkpoints",
        "save_interval": 2000,
        "pretrained_checkpoint": None,
        "ckpt_format": "torch_dist",
        "async_save": False,
        "fully_parallel_save": True,
    },
    "logger": {"log_interval": 10, "tensorboard_dir": "tb_logs", "log_timers_to_tensorboard": True},
    "rng": {"seed": 1234},
    "dist": {"distributed_timeout_minutes": 10, "use_gloo_process_groups": True},
    "env_vars": {},
}


def changed(base, overrides):
    """A copy of `base` with dotted paths set; a path into a section that is null makes it a mapping."""
    config = copy.deepcopy(base)
    for path, value in overrides.items():
        *parents, last = path.split(".")
        node = config
        for name in parents:
            if node.get(name) is None:
                node[name] = {}
            node = node[name]
        node[last] = copy.deepcopy(value)
    return config


FINETUNE = {
    "cluster.num_nodes": 1,
    "recipe.mode": "sft",
    "recipe.name": "moonlight-16b-a3b-sft",
    "train.train_iters": 1000,
    "train.global_batch_size": 128,
    "validation.eval_interval": 50,
    "optimizer.lr": 5.0e-6,
    "optimizer.min_lr": 0.0,
    "optimizer.adam_beta2": 0.98,
    "scheduler.lr_warmup_iters": 50,
    "scheduler.lr_decay_iters": 1000,
    "dataset": {
        "kind": "sft",
        "data_paths": ["data/sft"],
        "shuffle": True,
        "num_workers": 1,
        "seq_length": 4096,
        "seed": 5678,
        "dataloader_type": "batch",
        "do_validation": True,
        "do_test": False,
        "packed_sequence_specs": None,
    },
    "tokenizer": {
        "tokenizer_type": "HuggingFaceTokenizer",
        "tokenizer_model": "moonshotai/Moonlight-16B-A3B",
        "hf_tokenizer_kwargs": {"trust_remote_code": True},
    },
    "checkpoint.save_interval": 50,
    "checkpoint.pretrained_checkpoint": "checkpoints/moonlight-16b-a3b",
    "logger.log_interval": 1,
    "rng.seed": 5678,
}

LORA = FINETUNE | {
    "recipe.mode": "peft",
    "recipe.name": "moonlight-16b-a3b-lora",
    "optimizer.lr": 1.0e-4,
    "parallelism.tensor_model_parallel_size": 1,
    "parallelism.expert_model_parallel_size": 2,
    "parallelism.sequence_parallel": False,
    "peft": {
        "peft_scheme": "lora",
        "dim": 32,
        "alpha": 32,
        "dropout": 0.0,
        "dropout_position": "pre",
        "target_modules": ["linear_q_proj", "linear_kv_down_proj", "linear_kv_up_proj", "linear_proj"],
    },
}

def related(layers, dense, hidden, ffn, heads, experts, topk, expert_ffn, shared, vocab, query_rank, **more):
    """Another model of the family, as overrides: the numbers of its published config.json."""
    return {f"model.{name}": value for name, value in {
        "num_layers": layers, "moe_layer_freq": [0] * dense + [1] * (layers - dense), "hidden_size": hidden,
        "ffn_hidden_size": ffn, "num_attention_heads": heads, "num_moe_experts": experts, "moe_router_topk": topk,
        "moe_ffn_hidden_size": expert_ffn, "moe_shared_expert_intermediate_size": shared, "vocab_size": vocab,
        "q_lora_rank": query_rank, **more}.items()} | {"tokenizer.vocab_size": vocab}


DENSE = {
    "model.num_moe_experts": None, "model.moe_ffn_hidden_size": None, "model.moe_router_group_topk": None,
    "model.moe_router_num_groups": None, "model.moe_shared_expert_intermediate_size": None, "model.moe_layer_freq": 1,
    "parallelism.expert_model_parallel_size": 1,
}

BASES = {
    "pretrain": {},
    "layout": {
        "cluster.num_nodes": 4,
        "parallelism.pipeline_model_parallel_size": 4,
        "parallelism.pipeline_model_parallel_layout": "Et*7|t*7|t*7|t*6L",
    },
    "virtual": {
        "cluster.num_nodes": 4,
        "parallelism.pipeline_model_parallel_size": 4,
        "parallelism.virtual_pipeline_model_parallel_size": 2,
        "parallelism.pipeline_model_parallel_layout": "Et*3|(t*4|)*5t*3|tL",
    },
    "sft": FINETUNE,
    "lora": LORA,
    "muon": {
        "optimizer.optimizer": "dist_muon",
        "optimizer.use_distributed_optimizer": False,
        "ddp.use_distributed_optimizer": False,
        "ddp.overlap_grad_reduce": False,
        "ddp.overlap_param_gather": False,
        "optimizer.use_precision_aware_optimizer": False,
        "optimizer.main_grads_dtype": "float32",
        "optimizer.exp_avg_dtype": "float32",
        "optimizer.exp_avg_sq_dtype": "float32",
        "optimizer.muon_momentum": 0.95,
        "optimizer.muon_use_nesterov": True,
        "optimizer.muon_num_ns_steps": 5,
        "optimizer.muon_scale_mode": "spectral",
        "optimizer.muon_extra_scale_factor": 0.2,
    },
    "kimi": related(61, 1, 7168, 18432, 64, 384, 8, 2048, 2048, 163840, 1536, rotary_scaling_factor=32.0),
    "v3": related(61, 3, 7168, 18432, 128, 256, 8, 2048, 2048, 129280, 1536, rotary_scaling_factor=40.0,
                  moe_router_num_groups=8, moe_router_group_topk=4),
    "v2lite": related(27, 1, 2048, 10944, 16, 64, 6, 1408, 2816, 102400, None, moe_router_score_function="softmax",
                      moe_router_enable_expert_bias=False, moe_router_topk_scaling_factor=1.0),
    "dense": DENSE,
    "bare": {"mixed_precision": None, "comm_overlap": None},
}


def load():
    """The bases by name, as the fixtures hold them."""
    return {name: changed(PRETRAIN, overrides) for name, overrides in BASES.items()}


if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name, config in load().items():
        (FIXTURES / f"base_{name}.json").write_text(json.dumps(config, indent=2) + "\n")
