"""Writes Tests/Fixtures/estimation/transformers.jsonl: parameters of random models of the DeepSeek-V3 family, as
transformers builds them on the meta device.

    python transformers_parameters.py [--seed 8] [--count 60]

A line: {"model": {our field: value}, "total", "embedding", "head", "layers": [parameters of each decoder layer]}.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

FIXTURE = Path(__file__).resolve().parent.parent / "Fixtures" / "estimation" / "transformers.jsonl"


def draw(rng):
    """A random model: (our fields, transformers' config)."""
    layers = rng.randint(1, 9)
    dense = rng.choice([0, 1, rng.randint(0, layers), layers])
    hidden = rng.choice([64, 96, 128, 192, 320, 2048])
    heads = rng.choice([2, 4, 6, 16])
    q_lora = rng.choice([None, None, 24, 48, 512])
    kv_lora = rng.choice([16, 32, 96, 512])
    nope, rope, value = rng.choice([16, 32, 128]), rng.choice([8, 16, 64]), rng.choice([16, 24, 128])
    experts = rng.choice([4, 8, 12, 64])
    topk = rng.randint(1, min(experts, 8))
    width = rng.choice([32, 48, 96, 1408])
    shared = rng.choice([0, 1, 2, 3])
    ffn = rng.choice([96, 160, 704, 11264])
    vocab = rng.choice([128, 320, 1001, 163840])
    tied = rng.random() < 0.3
    ours = {
        "num_layers": layers, "hidden_size": hidden, "ffn_hidden_size": ffn, "num_attention_heads": heads,
        "num_query_groups": heads, "q_lora_rank": q_lora, "kv_lora_rank": kv_lora, "qk_head_dim": nope,
        "qk_pos_emb_head_dim": rope, "v_head_dim": value, "moe_layer_freq": [0] * dense + [1] * (layers - dense),
        "num_moe_experts": experts, "moe_router_topk": topk, "moe_ffn_hidden_size": width,
        "moe_shared_expert_intermediate_size": shared * width or None, "vocab_size": vocab,
        "share_embeddings_and_output_weights": tied,
    }
    theirs = DeepseekV3Config(
        num_hidden_layers=layers, hidden_size=hidden, intermediate_size=ffn, num_attention_heads=heads,
        num_key_value_heads=heads, q_lora_rank=q_lora, kv_lora_rank=kv_lora, qk_nope_head_dim=nope,
        qk_rope_head_dim=rope, v_head_dim=value, first_k_dense_replace=dense, n_routed_experts=experts,
        num_experts_per_tok=topk, moe_intermediate_size=width, n_shared_experts=shared, n_group=1, topk_group=1,
        vocab_size=vocab, tie_word_embeddings=tied)
    return ours, theirs


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--count", type=int, default=60)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with open(FIXTURE, "w") as out:
        for _ in range(options.count):
            ours, theirs = draw(rng)
            with torch.device("meta"):
                model = DeepseekV3ForCausalLM(theirs)
            record = {
                "model": ours, "total": count(model), "embedding": model.model.embed_tokens.weight.numel(),
                "head": 0 if theirs.tie_word_embeddings else model.lm_head.weight.numel(),
                "layers": [count(layer) for layer in model.model.layers],
            }
            out.write(json.dumps(record, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
