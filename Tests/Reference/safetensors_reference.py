"""Fixtures of Tests/TrainingTests/Safetensors, written by the real safetensors, torch and transformers.

Run: python Tests/Reference/safetensors_reference.py      (safetensors 0.8.0, torch 2.15.0, transformers 4.57.6)
"""

import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, DeepseekV3Config, DeepseekV3ForCausalLM

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "safetensors"


def mixed():
    torch.manual_seed(1)
    tensors = {
        "weights.f32": torch.randn(3, 5),
        "weights.bf16": torch.randn(2, 3, 4).bfloat16(),
        "weights.f16": torch.randn(7).half(),
        "weights.f64": torch.randn(2, 2).double(),
        "ids": torch.tensor([-1, 2**40], dtype=torch.int64),
        "small": torch.tensor([-3, 4], dtype=torch.int32),
        "flags": torch.tensor([True, False, True]),
        "bytes": torch.arange(5, dtype=torch.uint8),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 4),
        "name with \"quotes\" and ü": torch.ones(1),
    }
    save_file(tensors, OUT / "mixed.safetensors", metadata={"format": "pt"})
    floats = {k: v.float().flatten().tolist() for k, v in tensors.items() if v.is_floating_point()}
    (OUT / "mixed.json").write_text(json.dumps({"floats": floats}, indent=1) + "\n")


def rounding():
    """fp32 bit patterns with torch's bf16 and fp16 of them."""
    torch.manual_seed(2)
    values = torch.cat([
        torch.randn(200) * 10.0 ** torch.randint(-9, 9, (200,)),
        torch.tensor([0.0, -0.0, 1.0, 65504.0, 65519.996, 65520.0, 1e6, 3.4e38, 3.3895314e38, 3.3961775e38,
                      6.1035156e-05, 6.1e-05, 5.9604645e-08, 2.9802322e-08, 2.9802326e-08, 1e-10, 1e-40,
                      1.00390625, 1.01171875, 2049.0, 2051.0, float("inf"), float("-inf")]),
    ])
    bits = [v & 0xFFFFFFFF for v in values.view(torch.int32).tolist()]
    bf16 = [v & 0xFFFF for v in values.bfloat16().view(torch.int16).tolist()]
    f16 = [v & 0xFFFF for v in values.half().view(torch.int16).tolist()]
    (OUT / "rounding.json").write_text(json.dumps({"fp32": bits, "bf16": bf16, "fp16": f16}) + "\n")


def model():
    """A tiny model as transformers saves it, in shards."""
    torch.manual_seed(3)
    config = DeepseekV3Config(
        vocab_size=24, hidden_size=8, intermediate_size=12, moe_intermediate_size=4, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, n_shared_experts=1, n_routed_experts=4, num_experts_per_tok=2,
        n_group=1, topk_group=1, first_k_dense_replace=1, kv_lora_rank=4, q_lora_rank=None, qk_rope_head_dim=2,
        qk_nope_head_dim=4, v_head_dim=4, max_position_embeddings=32, rope_theta=50000.0, routed_scaling_factor=2.446,
        rms_norm_eps=1e-5, bos_token_id=1, eos_token_id=2, pad_token_id=None, tie_word_embeddings=False)
    model = DeepseekV3ForCausalLM(config).bfloat16()
    target = OUT / "tiny-sharded"
    shutil.rmtree(target, ignore_errors=True)
    model.save_pretrained(target, max_shard_size="2KB")
    for name in ("generation_config.json",):
        (target / name).unlink()
    expected = {k: [list(v.shape), v.float().sum().item()] for k, v in model.state_dict().items()}
    (OUT / "tiny-sharded.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")
    config.rope_scaling = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8, "mscale": 0.7,
                           "mscale_all_dim": 1.0, "beta_fast": 32.0, "beta_slow": 1.0}
    config.q_lora_rank = 6
    config.to_json_file(OUT / "yarn-config.json", use_diff=False)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    mixed()
    rounding()
    model()
