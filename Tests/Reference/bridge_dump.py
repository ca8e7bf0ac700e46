"""Writes Tests/Fixtures/bridge/*.yaml: the files that Megatron-Bridge 0.3.1 itself writes (`ConfigContainer.to_yaml`).

- recipe_*.yaml: the release's Moonlight recipes as they come. The pretraining recipe reads the model's config.json from
  Hugging Face; here the same config is made by hand (transformers' DeepseekV3Config with Moonlight's numbers).
- run_*.yaml: recipes after `runtime_config_update`, as training saves them beside a checkpoint (run_config.yaml).
- base_*.yaml: our agreement bases as containers of the real classes (the recipes for fine-tuning build a model that is
  not MLA; these do).

`index.json` says what `bridge_export_check.check` answers for each file.
"""

import json
import os
import sys
from pathlib import Path

import phases  # noqa: F401  First: it installs the stand-ins.
import base_configs
import bridge_export_check
import bridge_mapping
from fake_distributed import World
from megatron.bridge import AutoBridge
from megatron.bridge.recipes.moonlight import moonlight_16b
from megatron.bridge.training.config import runtime_config_update
from transformers import DeepseekV3Config

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures" / "bridge"


def moonlight_hf_config():
    """Moonlight-16B-A3B's config.json, in transformers' terms."""
    return DeepseekV3Config(
        architectures=["DeepseekV3ForCausalLM"], vocab_size=163840, hidden_size=2048, intermediate_size=11264,
        moe_intermediate_size=1408, num_hidden_layers=27, num_attention_heads=16, num_key_value_heads=16,
        n_shared_experts=2, n_routed_experts=64, routed_scaling_factor=2.446, kv_lora_rank=512, q_lora_rank=None,
        qk_rope_head_dim=64, v_head_dim=128, qk_nope_head_dim=128, n_group=1, topk_group=1, num_experts_per_tok=6,
        first_k_dense_replace=1, norm_topk_prob=True, hidden_act="silu", max_position_embeddings=8192,
        initializer_range=0.02, rms_norm_eps=1e-5, rope_theta=50000.0, rope_scaling=None, attention_bias=False,
        attention_dropout=0.0, tie_word_embeddings=False, scoring_func="sigmoid", topk_method="noaux_tc",
        torch_dtype="bfloat16",
    )


def with_checkpoint(config):
    config.checkpoint.pretrained_checkpoint = "/checkpoints/moonlight-16b-a3b"
    return config


def containers():
    """name -> (container, world size, mode, whether to resolve it first)"""
    real = AutoBridge.from_hf_pretrained
    AutoBridge.from_hf_pretrained = classmethod(lambda cls, *_, **__: AutoBridge.from_hf_config(moonlight_hf_config()))
    try:
        yield "recipe_pretrain", moonlight_16b.moonlight_16b_pretrain_config(), 16, "pretrain", False
        yield "run_pretrain", moonlight_16b.moonlight_16b_pretrain_config(), 16, "pretrain", True
    finally:
        AutoBridge.from_hf_pretrained = real
    yield "recipe_sft", moonlight_16b.moonlight_16b_sft_config(), 8, "sft", False
    yield "run_sft", with_checkpoint(moonlight_16b.moonlight_16b_sft_config()), 8, "sft", True
    yield "recipe_lora", moonlight_16b.moonlight_16b_peft_config("lora"), 2, "peft", False
    yield "recipe_dora", moonlight_16b.moonlight_16b_peft_config("dora"), 2, "peft", False
    for name, config in base_configs.load().items():
        cluster = config["cluster"]
        world = cluster["num_nodes"] * cluster["gpus_per_node"]
        yield f"base_{name}", bridge_mapping.container(config), world, config["recipe"]["mode"], False


def main():
    FIXTURES.mkdir(parents=True, exist_ok=True)
    os.getcwd = lambda: "/workspace"  # the recipes write paths below it
    index = {}
    for name, container, world, mode, resolve in containers():
        if resolve:
            World.enter(world)
            runtime_config_update(container)
        path = FIXTURES / f"{name}.yaml"
        container.to_yaml(str(path))
        answer = bridge_export_check.check(str(path), world, mode, False)
        answer["file"] = path.name
        index[name] = answer | {"world_size": world, "mode": mode}
    (FIXTURES / "index.json").write_text(json.dumps(index, indent=2) + "\n")
    for answer in index.values():
        print(json.dumps(answer))


if __name__ == "__main__":
    sys.exit(main())
