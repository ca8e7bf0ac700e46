"""Holds `moonlight import-hf` against the release's own Megatron-Bridge, on config.json files of Moonlight's relatives.

    python hugging_face_import.py --moonlight ../../.build/debug/moonlight

Each config is what transformers writes of the published model's numbers. The release's `AutoBridge` makes a provider of it,
and every field that `import-hf` writes must have the provider's value. The exit status is 1 when one differs.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import stand_ins

stand_ins.install()

import transformers  # noqa: E402
import yaml  # noqa: E402
from megatron.bridge import AutoBridge  # noqa: E402
from releases import installed  # noqa: E402

YARN = {"type": "yarn", "beta_fast": 32, "beta_slow": 1, "original_max_position_embeddings": 4096}
V2_LITE = dict(
    architectures=["DeepseekV2ForCausalLM"], vocab_size=102400, hidden_size=2048, intermediate_size=10944,
    moe_intermediate_size=1408, num_hidden_layers=27, num_attention_heads=16, num_key_value_heads=16, n_shared_experts=2,
    n_routed_experts=64, num_experts_per_tok=6, n_group=1, topk_group=1, routed_scaling_factor=1.0, norm_topk_prob=False,
    first_k_dense_replace=1, kv_lora_rank=512, q_lora_rank=None, qk_nope_head_dim=128, qk_rope_head_dim=64, v_head_dim=128,
    rope_theta=10000, max_position_embeddings=163840, rms_norm_eps=1e-6, topk_method="greedy", scoring_func="softmax",
    rope_scaling={**YARN, "factor": 40, "mscale": 0.707, "mscale_all_dim": 0.707}, torch_dtype="bfloat16")
MOONLIGHT = dict(
    V2_LITE, architectures=["DeepseekV3ForCausalLM"], vocab_size=163840, intermediate_size=11264, rms_norm_eps=1e-5,
    routed_scaling_factor=2.446, norm_topk_prob=True, rope_theta=50000.0, rope_scaling=None, scoring_func="sigmoid",
    topk_method="noaux_tc", max_position_embeddings=8192)
V3 = dict(
    MOONLIGHT, vocab_size=129280, hidden_size=7168, intermediate_size=18432, moe_intermediate_size=2048, num_hidden_layers=61,
    num_attention_heads=128, num_key_value_heads=128, n_shared_experts=1, n_routed_experts=256, num_experts_per_tok=8,
    n_group=8, topk_group=4, routed_scaling_factor=2.5, first_k_dense_replace=3, q_lora_rank=1536, rope_theta=10000,
    max_position_embeddings=163840, rms_norm_eps=1e-6, num_nextn_predict_layers=1,
    rope_scaling={**YARN, "factor": 40, "mscale": 1.0, "mscale_all_dim": 1.0})
KIMI_K2 = dict(
    V3, vocab_size=163840, num_attention_heads=64, num_key_value_heads=64, n_routed_experts=384, n_group=1, topk_group=1,
    routed_scaling_factor=2.827, first_k_dense_replace=1, rope_theta=50000.0, num_nextn_predict_layers=0,
    rope_scaling={**YARN, "factor": 32, "beta_fast": 1, "mscale": 1.0, "mscale_all_dim": 1.0})
GLM = dict(
    architectures=["Glm4MoeLiteForCausalLM"], num_hidden_layers=47, max_position_embeddings=202752, num_nextn_predict_layers=1,
    rope_parameters={"rope_theta": 1000000.0, "rope_type": "default"}, first_k_dense_replace=1)
CONFIGS = [("moonlight", "DeepseekV3Config", MOONLIGHT), ("deepseek-v2-lite", "DeepseekV2Config", V2_LITE),
           ("deepseek-v3", "DeepseekV3Config", V3), ("kimi-k2", "DeepseekV3Config", KIMI_K2),
           ("glm-4.7-flash", "Glm4MoeLiteConfig", GLM)]
# Ours alone, said in another way there, or of no effect with multi-latent attention.
OTHERWISE = {"should_pad_vocab", "max_position_embeddings", "rope_type", "activation_func", "num_query_groups",
             "original_max_position_embeddings", "beta_fast", "beta_slow", "mscale"}
# 0.3.1 drops what is null in a config.json, and its class has 512, a latent that Moonlight and V2-Lite do not have.
if installed().megatron_bridge == "0.3.1":
    OTHERWISE.add("q_lora_rank")


def same(left, right):
    return left == right or isinstance(left, (int, float)) and isinstance(right, (int, float)) and float(left) == float(right)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moonlight", type=Path, required=True)
    program = parser.parse_args().moonlight.resolve()
    release = installed().megatron_bridge
    differing = 0
    for name, class_name, numbers in CONFIGS:
        made = getattr(transformers, class_name, None)
        if made is None:
            print(f"{release} {name}: transformers {transformers.__version__} has no {class_name}")
            continue
        config = made(**numbers)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "config.json"
            file.write_text(json.dumps(config.to_dict(), default=str))
            ours = subprocess.run([program, "import-hf", file, "--megatron-bridge", release], capture_output=True, text=True)
        try:
            provider = AutoBridge.from_hf_config(config).to_megatron_provider(load_weights=False)
        except Exception as error:  # noqa: BLE001  Whatever is raised is the refusal.
            print(f"{release} {name}: refused by the release ({type(error).__name__}); ours: {ours.stderr.strip()[:120]}")
            differing += ours.returncode == 0
            continue
        if ours.returncode:
            print(f"{release} {name}: refused by us alone: {ours.stderr.strip()[:300]}")
            differing += 1
            continue
        model = yaml.safe_load(ours.stdout)["model"]
        unlike = {key: (value, getattr(provider, key, "none")) for key, value in model.items()
                  if key not in OTHERWISE and not same(value, getattr(provider, key, "none"))}
        differing += bool(unlike)
        print(f"{release} {name}: {len(model)} fields, " + (str(unlike) if unlike else "all the same"))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
