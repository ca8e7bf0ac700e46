"""Writes Tests/Fixtures/families/RELEASE/*.yaml: recipes of other model families as the release's `to_yaml` writes them.

    python family_dumps.py

Each is a recipe function of Megatron-Bridge for a dense or grouped-query model without multi-latent attention. What the
function reads from Hugging Face is handed to it as a config of transformers with the published model's numbers.
"""

import importlib
import os
import sys
from pathlib import Path

import stand_ins

stand_ins.install()

from megatron.bridge import AutoBridge  # noqa: E402
from transformers import LlamaConfig, Qwen3Config  # noqa: E402

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures" / "families" / stand_ins.RELEASE.megatron_bridge
QWEN3_600M = Qwen3Config(
    architectures=["Qwen3ForCausalLM"], vocab_size=151936, hidden_size=1024, intermediate_size=3072, num_hidden_layers=28,
    num_attention_heads=16, num_key_value_heads=8, head_dim=128, max_position_embeddings=40960, rms_norm_eps=1e-6,
    rope_theta=1000000.0, tie_word_embeddings=True, torch_dtype="bfloat16")
LLAMA32_1B = LlamaConfig(
    architectures=["LlamaForCausalLM"], vocab_size=128256, hidden_size=2048, intermediate_size=8192, num_hidden_layers=16,
    num_attention_heads=32, num_key_value_heads=8, head_dim=64, max_position_embeddings=131072, rms_norm_eps=1e-5,
    rope_theta=500000.0, tie_word_embeddings=True, torch_dtype="bfloat16")
RECIPES = [("megatron.bridge.recipes.qwen", "qwen3_600m_pretrain", QWEN3_600M),
           ("megatron.bridge.recipes.llama", "llama32_1b_pretrain", LLAMA32_1B)]


def function(module, prefix):
    names = vars(importlib.import_module(module))
    return next((names[name] for name in sorted(names) if name.startswith(prefix)), None)


def main():
    FIXTURES.mkdir(parents=True, exist_ok=True)
    os.getcwd = lambda: "/workspace"  # the recipes write paths below it
    for module, prefix, hugging_face in RECIPES:
        recipe = function(module, prefix)
        if recipe is None:
            print(f"{prefix}: not in this release")
            continue
        AutoBridge.from_hf_pretrained = classmethod(lambda cls, *_, c=hugging_face, **__: AutoBridge.from_hf_config(c))
        recipe().to_yaml(str(FIXTURES / f"{recipe.__name__}.yaml"))
        print(recipe.__name__)


if __name__ == "__main__":
    sys.exit(main())
