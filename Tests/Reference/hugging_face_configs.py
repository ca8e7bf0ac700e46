"""The config.json of each model whose recipe reads one from Hugging Face, and how a recipe gets it here.

The values are the published ones (model cards and config.json of the repositories named, read 2025-11 to 2026-11).
"""

import contextlib
import os

os.environ["HF_HUB_OFFLINE"] = "1"

MOONLIGHT = {
    "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "vocab_size": 163840, "hidden_size": 2048,
    "intermediate_size": 11264, "moe_intermediate_size": 1408, "num_hidden_layers": 27, "num_attention_heads": 16,
    "num_key_value_heads": 16, "n_shared_experts": 2, "n_routed_experts": 64, "routed_scaling_factor": 2.446,
    "kv_lora_rank": 512, "q_lora_rank": None, "qk_rope_head_dim": 64, "v_head_dim": 128, "qk_nope_head_dim": 128,
    "n_group": 1, "topk_group": 1, "num_experts_per_tok": 6, "first_k_dense_replace": 1, "moe_layer_freq": 1,
    "norm_topk_prob": True, "hidden_act": "silu", "max_position_embeddings": 8192, "initializer_range": 0.02,
    "rms_norm_eps": 1e-5, "rope_theta": 50000.0, "rope_scaling": None, "attention_bias": False, "attention_dropout": 0.0,
    "tie_word_embeddings": False, "scoring_func": "sigmoid", "topk_method": "noaux_tc", "aux_loss_alpha": 0.001,
    "torch_dtype": "bfloat16",
}

DEEPSEEK_V2_LITE = {
    "architectures": ["DeepseekV2ForCausalLM"], "model_type": "deepseek_v2", "vocab_size": 102400, "hidden_size": 2048,
    "intermediate_size": 10944, "moe_intermediate_size": 1408, "num_hidden_layers": 27, "num_attention_heads": 16,
    "num_key_value_heads": 16, "n_shared_experts": 2, "n_routed_experts": 64, "routed_scaling_factor": 1.0,
    "kv_lora_rank": 512, "q_lora_rank": None, "qk_rope_head_dim": 64, "v_head_dim": 128, "qk_nope_head_dim": 128,
    "n_group": 1, "topk_group": 1, "num_experts_per_tok": 6, "first_k_dense_replace": 1, "moe_layer_freq": 1,
    "norm_topk_prob": False, "hidden_act": "silu", "max_position_embeddings": 163840, "initializer_range": 0.02,
    "rms_norm_eps": 1e-6, "rope_theta": 10000,
    "rope_scaling": {"beta_fast": 32, "beta_slow": 1, "factor": 40, "mscale": 0.707, "mscale_all_dim": 0.707,
                     "original_max_position_embeddings": 4096, "type": "yarn"},
    "attention_bias": False, "attention_dropout": 0.0, "tie_word_embeddings": False, "scoring_func": "softmax",
    "topk_method": "greedy", "aux_loss_alpha": 0.001, "torch_dtype": "bfloat16",
}

DEEPSEEK_V3 = {
    "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "vocab_size": 129280, "hidden_size": 7168,
    "intermediate_size": 18432, "moe_intermediate_size": 2048, "num_hidden_layers": 61, "num_attention_heads": 128,
    "num_key_value_heads": 128, "n_shared_experts": 1, "n_routed_experts": 256, "routed_scaling_factor": 2.5,
    "kv_lora_rank": 512, "q_lora_rank": 1536, "qk_rope_head_dim": 64, "v_head_dim": 128, "qk_nope_head_dim": 128,
    "n_group": 8, "topk_group": 4, "num_experts_per_tok": 8, "first_k_dense_replace": 3, "moe_layer_freq": 1,
    "norm_topk_prob": True, "hidden_act": "silu", "max_position_embeddings": 163840, "initializer_range": 0.02,
    "rms_norm_eps": 1e-6, "rope_theta": 10000, "num_nextn_predict_layers": 1,
    "rope_scaling": {"beta_fast": 32, "beta_slow": 1, "factor": 40, "mscale": 1.0, "mscale_all_dim": 1.0,
                     "original_max_position_embeddings": 4096, "type": "yarn"},
    "attention_bias": False, "attention_dropout": 0.0, "tie_word_embeddings": False, "scoring_func": "sigmoid",
    "topk_method": "noaux_tc", "aux_loss_alpha": 0.001, "torch_dtype": "bfloat16",
}

KIMI_K2 = DEEPSEEK_V3 | {
    "model_type": "kimi_k2", "vocab_size": 163840, "num_attention_heads": 64, "num_key_value_heads": 64,
    "n_routed_experts": 384, "routed_scaling_factor": 2.827, "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1,
    "max_position_embeddings": 131072, "rope_theta": 50000.0, "num_nextn_predict_layers": 0,
    "rope_scaling": {"beta_fast": 1.0, "beta_slow": 1.0, "factor": 32.0, "mscale": 1.0, "mscale_all_dim": 1.0,
                     "original_max_position_embeddings": 4096, "type": "yarn"},
}

REPOSITORIES = {
    "moonshotai/Moonlight-16B-A3B": MOONLIGHT,
    "moonshotai/Kimi-K2-Instruct": KIMI_K2,
    "deepseek-ai/DeepSeek-V2-Lite": DEEPSEEK_V2_LITE,
    "deepseek-ai/DeepSeek-V3": DEEPSEEK_V3,
}


def config(repository):
    """transformers' config object for a repository, as it makes it from that config.json.

    Kimi-K2 brings a class of its own, a copy of DeepSeek-V3's from before transformers had one.
    """
    from transformers import AutoConfig, DeepseekV3Config

    values = dict(REPOSITORIES[repository])
    if values["model_type"] == "kimi_k2":
        result = DeepseekV3Config.from_dict(values | {"model_type": "deepseek_v3"})
        result.model_type = "kimi_k2"
    else:
        result = AutoConfig.for_model(values.pop("model_type"), **values)
    result.name_or_path = repository
    return result


@contextlib.contextmanager
def offline():
    """Inside, `AutoBridge.from_hf_pretrained` finds these configs; everything else of it is the real one."""
    from megatron.bridge.models.conversion import auto_bridge
    from megatron.bridge.models.hf_pretrained import causal_lm

    def load(path, *_, **__):
        return config(str(path))

    owners = (auto_bridge, causal_lm)
    real = auto_bridge.safe_load_config_with_retry
    for module in owners:
        module.safe_load_config_with_retry = load
    try:
        yield
    finally:
        for module in owners:
            module.safe_load_config_with_retry = real
